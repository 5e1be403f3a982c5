/// A moment of the wall clock, in nanoseconds since 1970-01-01 UTC (leap seconds not counted).
package struct UnixTime: Sendable, Hashable, Comparable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  package init(seconds: Double) { nanoseconds = Int64(seconds * 1e9) }

  package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
  package func seconds(since other: Self) -> Double { Double(nanoseconds - other.nanoseconds) / 1e9 }
  package func advanced(bySeconds seconds: Double) -> Self { Self(nanoseconds: nanoseconds + Int64(seconds * 1e9)) }
}

extension UnixTime {
  /// RFC 3339 in UTC with milliseconds, the form of every time that crosses a process boundary.
  package var rfc3339: String {
    let day = Int64(86_400_000_000_000)
    let days = nanoseconds.floorDivided(by: day)
    let millisecond = Int((nanoseconds - days * day) / 1_000_000)
    let (year, month, dayOfMonth) = Self.civil(daysSinceEpoch: Int(days))
    let (hour, minute, second) = (millisecond / 3_600_000, millisecond / 60_000 % 60, millisecond / 1000 % 60)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
      + "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(millisecond % 1000, 3))Z"
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

private func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : (self - divisor + 1) / divisor
  }
}
