import Signal

/// A model's bytes are not what a model may be.
package struct ModelError: Error, Equatable, CustomStringConvertible {
  package let reason: String

  init(_ reason: String) { self.reason = reason }

  package var description: String { "read model: \(reason)" }
}

/// The flat form of a model: little-endian words, a magic number and a version first, a checksum last.
struct ModelWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ word: UInt32) { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
  mutating func append(_ number: Float) { append(number.bitPattern) }
  mutating func append(_ number: Double) {
    withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }
  mutating func append(bytes more: [UInt8]) { bytes.append(contentsOf: more) }
  mutating func append(_ words: [UInt32]) { for word in words { append(word) } }
  mutating func append(_ numbers: [Float]) { for number in numbers { append(number) } }
  mutating func append(_ text: String) {
    append(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// The bytes so far, and their digest behind them.
  func sealed() -> [UInt8] {
    let digest = bytes.withUnsafeBytes { Digest64.of($0) }
    return bytes + withUnsafeBytes(of: digest.littleEndian) { Array($0) }
  }
}

/// Reads what `ModelWriter` wrote; believes nothing.
struct ModelReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  /// - Throws: when the digest is not that of the bytes before it.
  init(_ sealed: [UInt8]) throws(ModelError) {
    guard sealed.count >= 8 else { throw ModelError("cut short") }
    bytes = sealed.dropLast(8)
    position = bytes.startIndex
    let digest = bytes.withUnsafeBytes { Digest64.of($0) }
    let stored = sealed.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: sealed.count - 8, as: UInt64.self) }
    guard UInt64(littleEndian: stored) == digest else { throw ModelError("its checksum does not match") }
  }

  mutating func word() throws(ModelError) -> UInt32 {
    UInt32(littleEndian: try take(4).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
  }

  mutating func count(_ range: ClosedRange<Int>) throws(ModelError) -> Int {
    let value = Int(try word())
    guard range.contains(value) else { throw ModelError("\(value) where \(range.lowerBound) to \(range.upperBound) may stand") }
    return value
  }

  mutating func counts(_ count: Int, _ range: ClosedRange<Int>) throws(ModelError) -> [Int] {
    guard count <= bytes.endIndex - position else { throw ModelError("cut short") }
    var result: [Int] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(try self.count(range)) }
    return result
  }

  mutating func float() throws(ModelError) -> Float {
    let value = Float(bitPattern: try word())
    guard value.isFinite else { throw ModelError("a number that is not finite") }
    return value
  }

  mutating func positive() throws(ModelError) -> Float {
    let value = try float()
    guard value > 0 else { throw ModelError("\(value) where a number above 0 must stand") }
    return value
  }

  mutating func floats(_ count: Int) throws(ModelError) -> [Float] {
    guard count <= bytes.endIndex - position else { throw ModelError("cut short") }
    var result: [Float] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(try float()) }
    return result
  }

  mutating func double() throws(ModelError) -> Double {
    let bits = try take(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    return Double(bitPattern: UInt64(littleEndian: bits))
  }

  mutating func bytes(_ count: Int) throws(ModelError) -> [UInt8] { Array(try take(count)) }

  mutating func positiveDouble() throws(ModelError) -> Double {
    let value = try double()
    guard value.isFinite, value > 0 else { throw ModelError("a number that is not above 0") }
    return value
  }

  mutating func text(upTo limit: Int) throws(ModelError) -> String {
    let length = try count(0...limit)
    guard let text = String(validating: try take(length), as: UTF8.self) else { throw ModelError("text that is not UTF-8") }
    return text
  }

  func end() throws(ModelError) {
    guard position == bytes.endIndex else { throw ModelError("\(bytes.endIndex - position) bytes too many") }
  }

  private mutating func take(_ count: Int) throws(ModelError) -> ArraySlice<UInt8> {
    guard count <= bytes.endIndex - position else { throw ModelError("cut short") }
    defer { position += count }
    return bytes[position..<position + count]
  }
}
