/// What kind of change it looks like: for people to judge, who know what was done to the machine.
package enum DriftKind: String, Sendable, Codable, CaseIterable {
  /// Grew from look to look.
  case slowWear = "slow_wear"
  /// Most of it came between two looks.
  case suddenChange = "sudden_change"
  /// Every level moved by one factor and no shape with it: the sensor, its mounting or its gain rather than the machine.
  case sensor
}

/// What the point measures is no longer spread as it was while the point learned.
package struct DriftReport: Sendable, Codable, Equatable {
  /// `nil`: it is over.
  package var kind: DriftKind?
  /// What was learned no longer fits, and somebody who knows why should say `thrum learn … reset`. Never done by itself.
  package var relearnWanted: Bool
  package var words: String
  /// Of the regime, revolutions per minute; left out where none is known.
  package var speedRpm: [Double]?
  package var movedFeatures: Int
  package var ofFeatures: Int
  /// Farthest first, at most five.
  package var features: [Feature]

  package struct Feature: Sendable, Codable, Equatable {
    package var feature: String
    /// Population stability index.
    package var psi: Double
    /// Kolmogorov-Smirnov distance.
    package var ks: Double
    /// Mean distance from the baseline's mean, in its deviations.
    package var deviations: Double
  }
}

/// How far a point's features have moved, at the last look that was long enough: the largest of each figure.
package struct DriftFigures: Sendable, Equatable {
  /// Population stability index.
  package var psi: Double
  /// Kolmogorov-Smirnov distance, 0 to 1.
  package var ks: Double

  package init(psi: Double, ks: Double) { (self.psi, self.ks) = (psi, ks) }

  /// The larger of each.
  package func larger(_ other: DriftFigures) -> DriftFigures { .init(psi: max(psi, other.psi), ks: max(ks, other.ks)) }
}
