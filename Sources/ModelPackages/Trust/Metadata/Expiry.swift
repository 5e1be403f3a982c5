import Signal

/// The second from which on metadata is no longer valid: exactly YYYY-MM-DDTHH:MM:SSZ.
struct Expiry: Equatable {
  /// In this form the order of the bytes is the order of the times.
  private let bytes: [UInt8]

  /// `nil` for anything else, also for days that no calendar has.
  init?(_ text: UTF8Text) {
    let shape = Array("0000-00-00T00:00:00Z".utf8)
    let fits = { (byte: UInt8, form: UInt8) in
      form == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == form
    }
    guard text.bytes.count == shape.count, zip(text.bytes, shape).allSatisfy(fits) else { return nil }
    bytes = text.bytes
    let (year, month, day) = (number(0, 4), number(5, 2), number(8, 2))
    guard year >= 1000, (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day),
      number(11, 2) < 24, number(14, 2) < 60, number(17, 2) < 60
    else { return nil }
  }

  /// True from that second on.
  func isPast(at time: UnixTime) -> Bool {
    !Array(time.rfc3339.utf8.prefix(Self.comparedBytes)).lexicographicallyPrecedes(bytes.prefix(Self.comparedBytes))
  }

  /// Without the fraction and the Z.
  private static let comparedBytes = 19

  private func number(_ start: Int, _ width: Int) -> Int {
    bytes[start..<start + width].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }
}

extension Expiry: CustomStringConvertible {
  var description: String { String(decoding: bytes, as: UTF8.self) }
}
