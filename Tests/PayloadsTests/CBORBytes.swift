/// Writes CBOR (RFC 8949) for tests, as plainly as the standard says it.
enum CBORBytes {
  static func head(_ major: UInt8, _ argument: Int) -> [UInt8] {
    argument < 24
      ? [major << 5 | UInt8(argument)]
      : argument < 256 ? [major << 5 | 24, UInt8(argument)] : [major << 5 | 25, UInt8(argument >> 8), UInt8(argument & 255)]
  }

  static func integer(_ value: Int) -> [UInt8] { value < 0 ? head(1, -1 - value) : head(0, value) }
  static func double(_ value: Double) -> [UInt8] { [0xFB] + withUnsafeBytes(of: value.bitPattern.bigEndian) { Array($0) } }
  static func float(_ value: Float) -> [UInt8] { [0xFA] + withUnsafeBytes(of: value.bitPattern.bigEndian) { Array($0) } }
  static func text(_ value: String) -> [UInt8] { head(3, value.utf8.count) + Array(value.utf8) }
  static func bytes(_ value: [UInt8]) -> [UInt8] { head(2, value.count) + value }
  static func tag(_ number: Int, _ value: [UInt8]) -> [UInt8] { head(6, number) + value }
  static func array(_ values: [[UInt8]]) -> [UInt8] { head(4, values.count) + values.flatMap { $0 } }
  static func map(_ entries: [([UInt8], [UInt8])]) -> [UInt8] { head(5, entries.count) + entries.flatMap { $0.0 + $0.1 } }
  static func object(_ entries: KeyValuePairs<String, [UInt8]>) -> [UInt8] { map(entries.map { (text($0.key), $0.value) }) }
  /// Of a SenML record.
  static func record(_ entries: KeyValuePairs<Int, [UInt8]>) -> [UInt8] { map(entries.map { (integer($0.key), $0.value) }) }
  static func littleFloats(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
  }
}
