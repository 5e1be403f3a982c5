/// One record of a SenML pack as it stands there, before its base values are put in (RFC 8428, 4.1 and 4.2). Texts lie in the payload.
struct SenMLRecord {
  /// By the number that CBOR gives each (RFC 8428, table 4).
  enum Label: Int, CaseIterable {
    case bver = -1, bn = -2, bt = -3, bu = -4, bv = -5, bs = -6
    case n = 0, u = 1, v = 2, vs = 3, vb = 4, s = 5, t = 6, ut = 7, vd = 8
  }

  var baseName, name, baseUnit, unit: UnsafeRawBufferPointer?
  var baseTime, time, baseValue, value: Double?
  /// A bit for each label.
  private var seen: UInt32 = 0

  /// Only base values, for the records that follow.
  var isBaseOnly: Bool { seen >> Self.bit(.n) == 0 }

  private static func bit(_ label: Label) -> Int { label.rawValue - Label.bs.rawValue }

  /// Reads one member's value.
  mutating func read(_ label: Label, from source: inout some SenMLSource) throws(PayloadError) {
    guard seen & 1 << Self.bit(label) == 0 else { throw source.malformed("\(label) is there twice") }
    seen |= 1 << Self.bit(label)
    switch label {
    case .bn: baseName = try source.text()
    case .n: name = try source.text()
    case .bu: baseUnit = try source.text()
    case .u: unit = try source.text()
    case .bt: baseTime = try source.number()
    case .t: time = try source.number()
    case .bv: baseValue = try source.number()
    case .v: value = try source.number()
    case .bver:
      let version = try source.number()
      guard (1...Self.version).contains(version) else { throw source.malformed("SenML of version \(version)") }
    case .bs, .s, .ut: _ = try source.number()
    case .vs, .vb, .vd: try source.skipValue()
    }
  }

  /// What its name says (RFC 8428, 4.4).
  static func mustBeUnderstood(_ key: UnsafeRawBufferPointer, _ source: some SenMLSource) -> PayloadError {
    source.malformed("\(String(decoding: key.prefix(32), as: UTF8.self)) must be understood, and is not")
  }

  /// Of RFC 8428.
  private static let version = 10.0
}

/// Where a record's values are read from.
protocol SenMLSource {
  /// The next value's UTF-8; refused where it is no text that stands there as it is.
  mutating func text() throws(PayloadError) -> UnsafeRawBufferPointer
  /// The next value, finite.
  mutating func number() throws(PayloadError) -> Double
  mutating func skipValue() throws(PayloadError)
  func malformed(_ reason: String) -> PayloadError
}

extension SenMLRecord.Label {
  private static let byText: [UInt32: Self] = Dictionary(
    uniqueKeysWithValues: allCases.map { label in (code("\(label)".utf8), label) })

  /// - Returns: `nil` for what RFC 8428 does not know.
  static func named(_ key: UnsafeRawBufferPointer) -> Self? { key.count <= 4 ? byText[code(key)] : nil }

  private static func code(_ text: some Sequence<UInt8>) -> UInt32 { text.reduce(0) { $0 << 8 | UInt32($1) } }
}
