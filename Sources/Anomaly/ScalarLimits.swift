import Signal

/// Limits of a slow value, in its source's unit. What is not declared is not asked.
package struct ScalarLimits: Sendable, Equatable {
  package var alarmBelow: Double?
  package var warningBelow: Double?
  package var warningAbove: Double?
  package var alarmAbove: Double?
  /// Of change either way, per minute: a warning.
  package var ratePerMinute: Double?

  package init(
    alarmBelow: Double? = nil, warningBelow: Double? = nil, warningAbove: Double? = nil, alarmAbove: Double? = nil,
    ratePerMinute: Double? = nil
  ) {
    self.alarmBelow = alarmBelow
    self.warningBelow = warningBelow
    self.warningAbove = warningAbove
    self.alarmAbove = alarmAbove
    self.ratePerMinute = ratePerMinute
  }

  package var isEmpty: Bool { self == ScalarLimits() }

  /// The worst limit that the value lies beyond, with which side it is on.
  func broken(by value: Double) -> (verdict: Verdict, limit: Double, side: String)? {
    if let limit = alarmAbove, value > limit { return (.alarm, limit, "above") }
    if let limit = alarmBelow, value < limit { return (.alarm, limit, "below") }
    if let limit = warningAbove, value > limit { return (.warning, limit, "above") }
    if let limit = warningBelow, value < limit { return (.warning, limit, "below") }
    return nil
  }
}

/// How fast a slow value changes: the slope of the straight line nearest to its readings of the last minute (least squares). Where
/// they come more slowly, of the last two.
struct ScalarRate: Sendable {
  static let windowSeconds = 60.0
  /// Readings that come faster than this are left out, so that a minute's are few.
  static let leastSpacingSeconds = 1.0

  private var readings: [(seconds: Double, value: Double)] = []
  private var origin: UnixTime?

  /// - Returns: change per minute; `nil` for the first reading, and where time does not go on.
  mutating func take(_ value: Double, at time: UnixTime) -> Double? {
    let seconds = time.seconds(since: origin ?? time)
    if let last = readings.last, seconds < last.seconds { readings = [] }
    if readings.isEmpty { origin = time }
    let now = readings.isEmpty ? 0 : seconds
    guard readings.last.map({ now - $0.seconds >= Self.leastSpacingSeconds }) ?? true else { return slope() }
    readings.append((now, value))
    while readings.count > 2, now - readings[0].seconds > Self.windowSeconds { readings.removeFirst() }
    return slope()
  }

  private func slope() -> Double? {
    guard readings.count > 1 else { return nil }
    let count = Double(readings.count)
    let (time, value) = (readings.reduce(0) { $0 + $1.seconds } / count, readings.reduce(0) { $0 + $1.value } / count)
    let spread = readings.reduce(0) { $0 + ($1.seconds - time) * ($1.seconds - time) }
    let joint = readings.reduce(0) { $0 + ($1.seconds - time) * ($1.value - value) }
    return spread > 0 ? 60 * joint / spread : nil
  }
}
