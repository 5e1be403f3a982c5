/// Writes numbers little-endian, and bytes behind their count.
struct PackageWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ word: UInt32) { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
  mutating func append(_ number: Double) { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 } }
  mutating func append(raw: some Sequence<UInt8>) { bytes += raw }

  mutating func append(counted more: [UInt8]) {
    append(UInt32(more.count))
    bytes += more
  }

  mutating func append(counted numbers: [Float]) {
    append(UInt32(numbers.count))
    for number in numbers { append(number.bitPattern) }
  }
}

/// Reads what `PackageWriter` wrote; believes nothing.
struct PackageReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let object: String

  init(_ bytes: ArraySlice<UInt8>, _ object: String) {
    (self.bytes, self.object) = (bytes, object)
    position = bytes.startIndex
  }

  func malformed(_ reason: String) -> PackageError { PackageError(.malformed, object, reason) }

  mutating func take(_ count: Int) throws(PackageError) -> ArraySlice<UInt8> {
    guard count <= bytes.endIndex - position else { throw malformed("cut short") }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func word() throws(PackageError) -> UInt32 {
    UInt32(littleEndian: try take(4).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
  }

  mutating func count(_ range: ClosedRange<Int>) throws(PackageError) -> Int {
    let value = Int(try word())
    guard range.contains(value) else { throw malformed("\(value) where \(range.lowerBound) to \(range.upperBound) may stand") }
    return value
  }

  mutating func counted(upTo limit: Int) throws(PackageError) -> ArraySlice<UInt8> { try take(try count(0...limit)) }

  /// Finite, 0 or above.
  mutating func double() throws(PackageError) -> Double {
    let bits = UInt64(littleEndian: try take(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    let value = Double(bitPattern: bits)
    guard value.isFinite, value >= 0 else { throw malformed("a number that is below 0 or none") }
    return value
  }

  /// Finite ones.
  mutating func floats(_ range: ClosedRange<Int>) throws(PackageError) -> [Float] {
    let count = try count(range)
    let raw = try take(4 * count)
    let values = raw.withUnsafeBytes { bytes in
      (0..<count).map { Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))) }
    }
    guard values.allSatisfy(\.isFinite) else { throw malformed("a number that is not finite") }
    return values
  }

  func end() throws(PackageError) {
    guard position == bytes.endIndex else { throw malformed("\(bytes.endIndex - position) bytes too many") }
  }
}
