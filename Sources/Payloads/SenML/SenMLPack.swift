import Signal

/// Puts base values into the records of a pack, one after the other (RFC 8428, 4.6), and gathers those that somebody asks for.
struct SenMLPack {
  /// In the order of the keys.
  private(set) var series: [SenMLSeries]
  /// Names that are asked for; none: there is but one in the pack.
  private let keys: [[UInt8]]
  private var onlyName: [UInt8]?
  private var baseName: [UInt8] = []
  private var (baseTime, baseValue) = (0.0, 0.0)
  private var baseUnit: UnsafeRawBufferPointer?
  private var count = 0

  init(keys: [[UInt8]], scales: [Double]) {
    self.keys = keys
    series = scales.map { SenMLSeries(scale: $0) }
  }

  mutating func take(_ record: SenMLRecord) throws(PayloadError) {
    count += 1
    if let name = record.baseName { baseName = Array(name) }
    baseTime = record.baseTime ?? baseTime
    baseValue = record.baseValue ?? baseValue
    baseUnit = record.baseUnit ?? baseUnit
    if record.isBaseOnly { return }
    let own = record.name.map(Array.init) ?? []
    let name = baseName + own
    guard Self.isName(name) else { throw refusal("\"\(Self.text(name))\" is no name") }
    let time = SenMLTime(base: baseTime, offset: record.time ?? 0)
    for index in try places(of: name, own) {
      guard let value = record.value else { throw refusal("it has no number v") }
      try series[index].append(baseValue + value, time, record.unit ?? baseUnit, number: count)
    }
  }

  /// Which series it belongs to.
  private mutating func places(of name: [UInt8], _ own: [UInt8]) throws(PayloadError) -> [Int] {
    guard keys.isEmpty else { return keys.indices.filter { keys[$0] == own || keys[$0] == name } }
    guard name == onlyName ?? name else {
      throw refusal("\"\(Self.text(name))\" beside \"\(Self.text(onlyName ?? []))\": say in channels which is which")
    }
    onlyName = name
    return [0]
  }

  private func refusal(_ reason: String) -> PayloadError { .malformed("SenML, record \(count): \(reason)") }

  /// RFC 8428, 4.5.1.
  private static func isName(_ name: [UInt8]) -> Bool {
    guard let first = name.first, !"-:./_".utf8.contains(first) else { return false }
    return name.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
      default: "-:./_".utf8.contains(byte)
      }
    }
  }

  private static func text(_ name: [UInt8]) -> String { String(decoding: name.prefix(64), as: UTF8.self) }
}

/// A record's time in the parts that it came in: their sum in seconds loses what a fast waveform needs.
struct SenMLTime {
  let base, offset: Double

  /// Below it, a time counts from the moment of arrival on (RFC 8428, 4.5.3).
  private static let leastAbsolute = 268_435_456.0
  /// 2199-12-31.
  private static let latest = 7_258_000_000.0

  func seconds(since other: Self) -> Double { (base - other.base) + (offset - other.offset) }

  /// - Returns: `nil` where the record says nothing but that it is now, or how long ago.
  /// - Throws: for a time that no clock shows.
  func absolute() throws(PayloadError) -> UnixTime? {
    let sum = base + offset
    guard sum <= Self.latest, sum > -Self.latest else { throw .malformed("SenML: no time: \(sum) s") }
    return sum >= Self.leastAbsolute ? UnixTime(seconds: base).advanced(bySeconds: offset) : nil
  }

  /// The same, and what is told from the arrival on.
  func moment(receivedAt: UnixTime) throws(PayloadError) -> UnixTime? {
    let sum = base + offset
    return try absolute() ?? (sum == 0 ? nil : receivedAt.advanced(bySeconds: sum))
  }
}
