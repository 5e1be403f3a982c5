/// Limits of broadband velocity RMS, 10 to 1000 Hz, mm/s, between the evaluation zones of ISO 20816-1.
/// Zone C is a warning (unsuitable for long operation), zone D an alarm (damage is to be expected). Needs no training.
package struct SeverityLimits: Sendable, Equatable {
  package var ab, bc, cd: Double

  package init(ab: Double, bc: Double, cd: Double) {
    self.ab = ab
    self.bc = bc
    self.cd = cd
  }

  /// Limits of an evaluation class by its name, as `iso20816-3/group2/rigid`; `nil` when there is none of that name.
  package init?(named name: String) {
    guard let row = Self.table.first(where: { $0.name == name }) else { return nil }
    self = row.limits
  }

  /// THE LIST. Velocity limits of ISO 10816-3:2009, tables A.1 and A.2, taken over by ISO 20816-3:2022. Group 1: machines above
  /// 300 kW or with a shaft height from 315 mm; group 2: 15 to 300 kW or 160 to 315 mm. They are guidance, not acceptance limits:
  /// the site verifies that its class applies, and its own experience takes precedence (clause 6 there).
  package static let table: [(name: String, limits: SeverityLimits)] = [
    ("iso20816-3/group1/rigid", SeverityLimits(ab: 2.3, bc: 4.5, cd: 7.1)),
    ("iso20816-3/group1/flexible", SeverityLimits(ab: 3.5, bc: 7.1, cd: 11)),
    ("iso20816-3/group2/rigid", SeverityLimits(ab: 1.4, bc: 2.8, cd: 4.5)),
    ("iso20816-3/group2/flexible", SeverityLimits(ab: 2.3, bc: 4.5, cd: 7.1)),
  ]

  package func zone(velocityRMS: Double) -> SeverityZone {
    velocityRMS < ab ? .a : velocityRMS < bc ? .b : velocityRMS < cd ? .c : .d
  }

  /// The limit that a value in `zone` has passed, mm/s; `nil` in zone A.
  package func lowerLimit(of zone: SeverityZone) -> Double? {
    switch zone {
    case .a: nil
    case .b: ab
    case .c: bc
    case .d: cd
    }
  }
}

/// The zone a point is in, slow to change: what one block says has to be said by the next one too, and a better zone is
/// believed only when the velocity lies 10 % below the limit.
struct SeverityRule: Sendable {
  private(set) var zone: SeverityZone?
  private var candidate: SeverityZone?

  init(zone: SeverityZone?) { self.zone = zone }

  /// - Parameter velocityRMS: of a block of at least 1 s, mm/s.
  mutating func take(velocityRMS: Double, limits: SeverityLimits) {
    let seen = measured(velocityRMS, limits)
    defer { candidate = seen }
    if zone == nil || candidate == seen { zone = seen }
  }

  /// What zone C and D mean; `nil` where there is no zone.
  var verdict: Verdict? {
    switch zone {
    case nil: nil
    case .a, .b: .normal
    case .c: .warning
    case .d: .alarm
    }
  }

  private func measured(_ velocityRMS: Double, _ limits: SeverityLimits) -> SeverityZone {
    let seen = limits.zone(velocityRMS: velocityRMS)
    guard let zone, seen < zone else { return seen }
    return min(zone, limits.zone(velocityRMS: velocityRMS / Self.returnFraction))
  }

  private static let returnFraction = 0.9
}
