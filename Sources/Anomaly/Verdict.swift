/// What was decided about a window, or, debounced, about a point.
package enum Verdict: Sendable, Hashable {
  case normal, warning, alarm
  case abstain(AbstainReason)
  case suppressed(SuppressionReason)

  /// `normal`, `warning`, `alarm`, `abstain` or `suppressed`.
  package var name: String {
    switch self {
    case .normal: "normal"
    case .warning: "warning"
    case .alarm: "alarm"
    case .abstain: "abstain"
    case .suppressed: "suppressed"
    }
  }

  /// Why nothing was decided; `nil` for a decision.
  package var reason: String? {
    switch self {
    case .abstain(let reason): reason.rawValue
    case .suppressed(let reason): reason.rawValue
    case .normal, .warning, .alarm: nil
    }
  }

  /// The verdict that `name` and `reason` were written from; `nil` when a text is unknown.
  package init?(name: String, reason: String?) {
    switch (name, reason) {
    case ("normal", _): self = .normal
    case ("warning", _): self = .warning
    case ("alarm", _): self = .alarm
    case ("abstain", let text?):
      guard let reason = AbstainReason(rawValue: text) else { return nil }
      self = .abstain(reason)
    case ("suppressed", let text?):
      guard let reason = SuppressionReason(rawValue: text) else { return nil }
      self = .suppressed(reason)
    default: return nil
    }
  }
}

/// Why Thrum would rather say nothing.
package enum AbstainReason: String, Sendable, CaseIterable {
  /// No window has been seen since the point was made.
  case noData = "no_data"
  /// The baseline is not complete and no rule applies.
  case learning
  /// The point declares neither a severity class nor enough data for a baseline.
  case noRuleApplies = "no_rule_applies"
  /// Severity needs a longer block than the source delivers.
  case blockTooShort = "block_too_short"
  /// Severity needs 2.56 samples per period of its band's upper edge.
  case rateTooLow = "rate_too_low"
  /// Nothing came for longer than `expected_interval_s`.
  case stale
  /// The machine runs at a speed that nothing was learned at.
  case unknownRegime = "unknown_regime"
  /// Several regimes were learned, and no speed came that tells which it is.
  case missingInput = "missing_input"
  /// The signal has lost what was learned: another machine's, another speed's, or no sensor's.
  case outOfDistribution = "out_of_distribution"
  /// One detector finds far beyond everything healthy what all together take for normal.
  case detectorsDisagree = "detectors_disagree"
  /// Nothing stood before, and the latest window is strange: a few more will say whether it lasts.
  case unconfirmed
  /// The sensor's signal failed a check.
  case sensorFault = "sensor_fault"

  /// What was learned cannot judge this: that no rule objects does not make it normal.
  var outweighsQuietRules: Bool {
    switch self {
    case .unknownRegime, .missingInput, .outOfDistribution, .detectorsDisagree: true
    default: false
    }
  }
}

package enum SuppressionReason: String, Sendable, CaseIterable {
  case stopped, transient, shelved
  case outOfService = "out_of_service"
}

/// ISO 20816-1 evaluation zones, best first.
package enum SeverityZone: String, Sendable, CaseIterable, Comparable, Codable {
  case a = "A", b = "B", c = "C", d = "D"
  package static func < (x: Self, y: Self) -> Bool { x.rawValue < y.rawValue }
}

package enum OperatingState: String, Sendable, CaseIterable { case stopped, transient, steady, unknown }

extension Verdict: Comparable {
  /// By what it asks of people; what is not decided asks least.
  package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .abstain, .suppressed: 0
    case .normal: 1
    case .warning: 2
    case .alarm: 3
    }
  }
}
