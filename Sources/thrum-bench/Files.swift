import FoundationEssentials

/// Reads the little-endian words of a model file, never beyond its end.
struct VAM1Reader {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ file: Data) { bytes = [UInt8](file) }

  mutating func expect(_ magic: String) throws {
    guard bytes.starts(with: magic.utf8) else { throw VAM1Error(reason: "does not begin with \(magic)") }
    offset = magic.utf8.count
  }

  mutating func integer() throws -> Int32 { Int32(bitPattern: try word()) }

  /// A number that says how many or which.
  mutating func count(upTo most: Int) throws -> Int {
    let value = Int(try word())
    guard value <= most else { throw VAM1Error(reason: "\(value) at byte \(offset - 4), expected at most \(most)") }
    return value
  }

  mutating func floats(_ count: Int) throws -> [Float] { try (0..<count).map { _ in Float(bitPattern: try word()) } }

  private mutating func word() throws -> UInt32 {
    guard offset + 4 <= bytes.count else { throw VAM1Error(reason: "ends after \(bytes.count) bytes") }
    defer { offset += 4 }
    return bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
  }
}

struct VAM1Error: Error, CustomStringConvertible {
  let reason: String
  var description: String { "read model: \(reason)" }
}

/// The frames of a file, 4096 samples each.
func frames(ofFile path: String) throws -> [[Float]] {
  let file = try Data(contentsOf: URL(fileURLWithPath: path))
  return stride(from: 0, through: file.count - 4 * Work.sampleCount, by: 4 * Work.sampleCount).map { offset in
    [Float](unsafeUninitializedCapacity: Work.sampleCount) { samples, count in
      file.copyBytes(to: samples, from: offset..<offset + 4 * Work.sampleCount)
      count = Work.sampleCount
    }
  }
}
