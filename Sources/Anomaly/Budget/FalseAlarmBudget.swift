/// How often a point may raise an alarm while its machine is healthy, and what follows from that: how long one decision looks, and
/// how rare what it sees must be.
package struct FalseAlarmBudget: Sendable, Equatable {
  /// Of this point, in thirty days of running.
  package let perMonth: Double

  /// What a machine may raise in a month where nobody says otherwise.
  package static let usualPerMonth = 2.0
  static let monthSeconds = 30 * 86_400.0
  /// Decisions to one allowed false alarm, where their length permits it.
  private static let decisionsPerAlarm = 360.0
  /// A decision is no shorter than the slow changes it is to see through, and no longer than a shift would wait for it.
  private static let decisionLimits = 300.0...3600.0

  /// - Parameters:
  ///   - perMonth: of the machine, above 0.
  ///   - points: of the machine: each gets an equal share, which holds however their alarms depend on each other.
  package init(ofMachine perMonth: Double = usualPerMonth, points: Int = 1) {
    self.perMonth = perMonth / Double(max(1, points))
  }

  /// Seconds of running that one decision looks at.
  package var decisionSeconds: Double {
    let wanted = Self.monthSeconds / (Self.decisionsPerAlarm * perMonth)
    return min(max(wanted, Self.decisionLimits.lowerBound), Self.decisionLimits.upperBound)
  }

  /// Alarms that one decision may raise for nothing, on average.
  var perDecision: Double { min(1, perMonth * decisionSeconds / Self.monthSeconds) }

  /// Healthy decisions without which it cannot be told: as many as there are between two allowed alarms.
  var leastDecisions: Int { Int((1 / perDecision).rounded(.up)) }
}
