/// Limits of broadband velocity RMS, mm/s, or displacement RMS, µm, between the evaluation zones of ISO 20816-1.
/// Zone C is a warning (unsuitable for long operation), zone D an alarm (damage is to be expected). Needs no training.
package struct SeverityLimits: Sendable, Equatable {
  package var ab, bc, cd: Double

  package init(ab: Double, bc: Double, cd: Double) {
    self.ab = ab
    self.bc = bc
    self.cd = cd
  }

  package func zone(of value: Double) -> SeverityZone {
    value < ab ? .a : value < bc ? .b : value < cd ? .c : .d
  }

  /// The limit that a value in `zone` has passed; `nil` in zone A.
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

  /// - Parameter value: of a block of at least 1 s, in the unit of `limits`.
  mutating func take(_ value: Double, limits: SeverityLimits) {
    let seen = measured(value, limits)
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

  private func measured(_ value: Double, _ limits: SeverityLimits) -> SeverityZone {
    let seen = limits.zone(of: value)
    guard let zone, seen < zone else { return seen }
    return min(zone, limits.zone(of: value / Self.returnFraction))
  }

  private static let returnFraction = 0.9
}
