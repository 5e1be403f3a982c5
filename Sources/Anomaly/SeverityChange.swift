/// ISO 20816-1: a change of velocity RMS by more than 25 % of the limit between zones B and C, up or down, from what it was
/// while the machine was healthy, is significant even where the zone stays. Slow to change, as zones are: two blocks in a row
/// say so, and it is over 10 % within.
struct ChangeRule: Sendable {
  private(set) var isChanged: Bool
  private var candidate: Bool

  /// - Parameter isChanged: what stood before a restart.
  init(isChanged: Bool = false) {
    self.isChanged = isChanged
    candidate = isChanged
  }

  /// - Parameters: velocities of a block and of the baseline, mm/s.
  mutating func take(velocityRMS: Double, reference: Double, limits: SeverityLimits) {
    let threshold = limits.significantChange * (isChanged ? Self.returnFraction : 1)
    let seen = abs(velocityRMS - reference) > threshold
    if candidate == seen { isChanged = seen }
    candidate = seen
  }

  /// A warning, or `nil` where nothing changed.
  var verdict: Verdict? { isChanged ? .warning : nil }

  private static let returnFraction = 0.9
}

extension SeverityLimits {
  /// mm/s.
  package var significantChange: Double { 0.25 * bc }
}

/// Velocity RMS while the point learned: running mean over its blocks.
package struct VelocityReference: Sendable, Equatable {
  /// mm/s; 0 while there is no block.
  package var meanVelocityRMS = 0.0
  package var blocks = 0

  package init() {}

  /// mm/s; `nil` while there is no block.
  package var velocityRMS: Double? { blocks > 0 ? meanVelocityRMS : nil }

  mutating func take(velocityRMS: Double) {
    blocks += 1
    meanVelocityRMS += (velocityRMS - meanVelocityRMS) / Double(blocks)
  }
}
