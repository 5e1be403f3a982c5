import Glibc

/// How a radial load spreads over the bearing (R. Stribeck, 1907): q(θ) = (1 − (1 − cos θ) / 2ε)^n, 0 where that is negative.
/// A defect that moves through it strikes harder in its middle (McFadden, Smith, "Model for the vibration produced by a single
/// point defect in a rolling element bearing", J. Sound Vib. 96, 1984).
package struct LoadZone: Sendable, Equatable, Encodable {
  /// ε: below 0.5 clearance, 0.5 half of the circle loaded, above 1 preload and all of it loaded.
  package var factor: Double
  /// n: 3/2 for balls, 10/9 for rollers.
  package var exponent: Double

  package init(factor: Double = 1.25, exponent: Double = 1.5) { (self.factor, self.exponent) = (factor, exponent) }

  /// - Parameter turns: from the direction of the load, in turns.
  /// - Returns: 0 to 1, the part of the largest load.
  package func load(turns: Double) -> Double {
    pow(max(0, 1 - (1 - cos(2 * .pi * turns)) / (2 * factor)), exponent)
  }
}
