import Signal

/// Why a point's alarms are not shown for now, by a person's word (ISA-18.2-2016: shelved, out of service).
package struct Suppression: Sendable, Equatable {
  /// `shelved` or `outOfService`.
  package var reason: SuppressionReason
  package var by: String
  package var since: UnixTime
  /// `nil`: until somebody puts the point back.
  package var until: UnixTime?
  package var note: String?
  /// The alarm it was shelved with.
  package var alarm: String?

  package init(
    reason: SuppressionReason, by: String, since: UnixTime, until: UnixTime? = nil, note: String? = nil, alarm: String? = nil
  ) {
    self.reason = reason
    self.by = by
    self.since = since
    self.until = until
    self.note = note
    self.alarm = alarm
  }

  /// The alarm's state while only suppressed points are on.
  var state: Alarm.State { reason == .outOfService ? .outOfService : .shelved }
}

/// The suppressed points, and when each comes back. A wrong clock may bring one back early, never late: when the clock is set back,
/// what is left of each time stays as it was.
package struct Suppressions: Sendable, Equatable {
  package private(set) var points: [PointID: Suppression] = [:]
  private var lastSeen: UnixTime?

  package init() {}

  /// What stood before a restart. Nobody knows how long the daemon was away if the clock says it was less than nothing: no more is
  /// left than was given.
  package init(restored points: [PointID: Suppression], at now: UnixTime) {
    self.points = points.mapValues { suppression in
      var kept = suppression
      if let until = suppression.until {
        kept.until = min(until, now.advanced(bySeconds: until.seconds(since: suppression.since)))
      }
      return kept
    }
    lastSeen = now
  }

  package subscript(point: PointID) -> Suppression? {
    get { points[point] }
    set { points[point] = newValue }
  }

  /// Takes out those whose time is over.
  /// - Returns: them, and those whose end had to be moved with the clock.
  package mutating func turn(at now: UnixTime) -> (over: [PointID: Suppression], moved: [PointID: Suppression]) {
    let step = lastSeen.map { now.seconds(since: $0) } ?? 0
    lastSeen = now
    let moved = step < -Self.clockSlackSeconds ? move(bySeconds: step) : [:]
    let over = points.filter { $0.value.until.map { $0 <= now } ?? false }
    for point in over.keys { points[point] = nil }
    return (over, moved.filter { over[$0.key] == nil })
  }

  private mutating func move(bySeconds step: Double) -> [PointID: Suppression] {
    for (point, suppression) in points {
      points[point]?.until = suppression.until?.advanced(bySeconds: step)
    }
    return points.filter { $0.value.until != nil }
  }

  /// NTP steers a running clock by less.
  private static let clockSlackSeconds = 2.0
}
