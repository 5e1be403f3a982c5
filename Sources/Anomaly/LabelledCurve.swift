import Glibc

/// What a score has turned out to mean: people's labels make it a probability.
///
/// A logistic curve over ln(score), as without labels (slope 4, ½ at the limit), its slope and place fitted to the newest labelled cases
/// (J. Platt, "Probabilistic outputs for support vector machines", 1999) and drawn towards where it was, so that few labels move it
/// little. It never falls with the score.
package struct LabelledCurve: Sendable, Equatable {
  /// Of ln(score): probability is 1 / (1 + exp(-(slope · ln(score) + offset))).
  package let slope, offset: Double
  /// How many stand behind it.
  package let labels: Int

  package struct Case: Sendable, Equatable {
    /// Where 1 was the limit of the margin; above 0.
    package var score: Float
    package var isFault: Bool

    package init(score: Float, isFault: Bool) { (self.score, self.isFault) = (score, isFault) }
  }

  /// Of good ones and of bad ones each, below which labels say too little.
  package static let leastOfEach = 8
  /// The newest; older ones go.
  package static let mostCases = 128

  private static let slopes = 0.5...16.0
  private static let offsets = -16.0...16.0
  /// Standard deviations of slope and offset around the curve without labels.
  private static let freedom = (slope: 2.0, offset: 3.0)
  private static let steps = 300

  /// - Parameter limit: ½ lies there without labels.
  /// - Returns: `nil` where there are too few of either kind.
  package init?(_ cases: [Case], limit: Double = 1) {
    let faults = cases.count { $0.isFault }
    guard min(faults, cases.count - faults) >= Self.leastOfEach, limit > 0 else { return nil }
    let points = cases.map { (Self.logarithm(Double($0.score)), $0.isFault ? 1.0 : 0) }
    let (usualSlope, usualOffset) = (4.0, -4 * log(limit))
    var (a, b) = (usualSlope, usualOffset)
    let (pa, pb) = (1 / (Self.freedom.slope * Self.freedom.slope), 1 / (Self.freedom.offset * Self.freedom.offset))
    // The curvature is at most a quarter of the points' own: steps by that bound always descend (D. Böhning, "Multinomial logistic
    // regression algorithm", 1992).
    let haa = pa + points.reduce(0) { $0 + $1.0 * $1.0 } / 4
    let hab = points.reduce(0) { $0 + $1.0 } / 4
    let hbb = pb + Double(points.count) / 4
    let determinant = haa * hbb - hab * hab
    for _ in 0..<Self.steps {
      var (ga, gb) = (pa * (a - usualSlope), pb * (b - usualOffset))
      for (x, isFault) in points {
        let excess = Self.logistic(a * x + b) - isFault
        (ga, gb) = (ga + excess * x, gb + excess)
      }
      a = min(max(a - (hbb * ga - hab * gb) / determinant, Self.slopes.lowerBound), Self.slopes.upperBound)
      b = min(max(b - (haa * gb - hab * ga) / determinant, Self.offsets.lowerBound), Self.offsets.upperBound)
    }
    guard a.isFinite, b.isFinite else { return nil }
    (slope, offset, labels) = (a, b, cases.count)
  }

  /// 0 to 1.
  package func probability(of score: Double) -> Double {
    score > 0 ? Self.logistic(slope * Self.logarithm(score) + offset) : 0
  }

  private static func logistic(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
  private static func logarithm(_ score: Double) -> Double { log(min(max(score, 1e-6), 1e6)) }
}
