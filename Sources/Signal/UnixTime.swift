/// A moment of the wall clock, in nanoseconds since 1970-01-01 UTC (leap seconds not counted).
package struct UnixTime: Sendable, Hashable, Comparable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  /// What no clock of ours can show is brought to the nearest time that it can.
  package init(seconds: Double) { nanoseconds = Int64(nearest: seconds * 1e9) }

  package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  package func seconds(since other: Self) -> Double {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
    return (overflow ? Double(nanoseconds) - Double(other.nanoseconds) : Double(difference)) / 1e9
  }

  package func advanced(bySeconds seconds: Double) -> Self {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(Int64(nearest: seconds * 1e9))
    return Self(nanoseconds: overflow ? (seconds > 0 ? .max : .min) : sum)
  }
}

extension Int64 {
  /// Towards zero; beyond the range its end, and 0 for what is no number.
  fileprivate init(nearest value: Double) {
    self = value.isNaN ? 0 : Int64(exactly: value.rounded(.towardZero)) ?? (value > 0 ? .max : .min)
  }
}

extension UnixTime {
  /// RFC 3339 in UTC with milliseconds, the form of every time that crosses a process boundary.
  package var rfc3339: String {
    let day = Int64(86_400_000_000_000)
    let (days, rest) = nanoseconds.quotientAndRemainder(dividingBy: day)
    let millisecond = Int((rest < 0 ? rest + day : rest) / 1_000_000)
    let (year, month, dayOfMonth) = Self.civil(daysSinceEpoch: Int(rest < 0 ? days - 1 : days))
    let (hour, minute, second) = (millisecond / 3_600_000, millisecond / 60_000 % 60, millisecond / 1000 % 60)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
      + "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(millisecond % 1000, 3))Z"
  }

  /// Reads RFC 3339 with any offset and any fraction (digits beyond the nanosecond are dropped); `nil` for anything else.
  package init?(rfc3339 text: String) {
    var reader = DigitReader(text)
    guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
      let day = reader.number(2),
      reader.skip("T") || reader.skip("t"), let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2),
      reader.skip(":"), let second = reader.number(2), let fraction = reader.fraction(), let offset = reader.offsetMinutes(),
      reader.isAtEnd, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    guard Self.civil(daysSinceEpoch: days) == (year, month, day) else { return nil }
    let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + (minute - offset) * 60 + second)
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow, let sum = Optional(whole.addingReportingOverflow(fraction)), !sum.overflow else { return nil }
    self.init(nanoseconds: sum.partialValue)
  }

  /// Inverse of `civil` (same source, days_from_civil).
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Proleptic Gregorian date of a day count (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
  private static func civil(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = daysSinceEpoch + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

/// Reads a time's text from left to right.
private struct DigitReader {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = Substring(text).utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Character) -> Bool {
    guard let first = rest.first, first == character.asciiValue else { return false }
    rest.removeFirst()
    return true
  }

  mutating func digit() -> Int? {
    guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
    rest.removeFirst()
    return Int(first - UInt8(ascii: "0"))
  }

  mutating func number(_ width: Int) -> Int? {
    var value = 0
    for _ in 0..<width {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// Nanoseconds; 0 when there is no fraction.
  mutating func fraction() -> Int64? {
    guard skip(".") else { return 0 }
    guard let first = digit() else { return nil }
    var (value, unit) = (Int64(first) * 100_000_000, Int64(10_000_000))
    while let digit = digit() {
      value += Int64(digit) * unit
      unit /= 10
    }
    return value
  }

  mutating func offsetMinutes() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let isEast = skip("+")
    guard isEast || skip("-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60 else {
      return nil
    }
    return (isEast ? 1 : -1) * (hours * 60 + minutes)
  }
}

private func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
