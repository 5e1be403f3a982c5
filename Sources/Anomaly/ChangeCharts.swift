import Signal

/// Whether a value's mean still is what it was while the point learned: two control charts over means of ten minutes, in the learned
/// means' standard deviations. Both must signal five times in a row for a change to stand; ten without end it.
///
/// - EWMA (S. W. Roberts, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1, 1959), weight 0.2, limits ±3
///   standard deviations of the average.
/// - Tabular CUSUM, two-sided (E. S. Page, "Continuous Inspection Schemes", Biometrika 41, 1954), k = 0.5, h = 5.
///
/// Constants as in D. C. Montgomery, "Introduction to Statistical Quality Control", chapter 9. Each chart alone signals falsely once in
/// about 500 independent values; means of ten minutes, both charts and five in a row make false changes rare (docs/MODELS.md).
struct ChangeCharts: Sendable {
  static let weight = 0.2
  static let limit = 3.0
  static let slack = 0.5
  static let decision = 5.0
  static let groupSeconds = 600.0
  static let persistence = DebounceSettings(raise: 5, of: 5)

  private let mean: Double
  private let deviation: Double
  private var average = 0.0
  /// (1 − weight)^(2n) after n values: how much of the average still is the start's.
  private var unsettled = 1.0
  private var (high, low) = (0.0, 0.0)
  private var debounce = Debounce()
  private(set) var isChanged = false

  /// - Parameter learned: means of the healthy point, at least two that differ; `nil` otherwise: what never varied has no scale.
  init?(learned: [Double]) {
    guard learned.count > 1 else { return nil }
    let mean = learned.reduce(0, +) / Double(learned.count)
    let variance = learned.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(learned.count - 1)
    guard variance > 0, variance.isFinite else { return nil }
    (self.mean, deviation) = (mean, variance.squareRoot())
  }

  /// - Parameter value: mean of one group of readings.
  mutating func take(_ value: Double) {
    let distance = (value - mean) / deviation
    unsettled *= (1 - Self.weight) * (1 - Self.weight)
    average += Self.weight * (distance - average)
    high = max(0, high + distance - Self.slack)
    low = max(0, low - distance - Self.slack)
    debounce.push(score >= 1 ? .warning : .normal)
    isChanged = debounce.verdict(after: isChanged ? .warning : .normal, Self.persistence) != .normal
  }

  /// Of the chart that is further from its limit; both have reached it from 1 on.
  var score: Double {
    guard unsettled < 1 else { return 0 }
    let spread = (Self.weight / (2 - Self.weight) * (1 - unsettled)).squareRoot()
    return min(abs(average) / (Self.limit * spread), max(high, low) / Self.decision)
  }

  /// The learned mean, and how far the average is from it now, in its unit.
  var told: (mean: Double, average: Double, deviations: Double) { (mean, mean + average * deviation, average) }
}

/// Mean of the readings since the last one was told, at most one in ten minutes; where readings are rarer, of each by itself.
struct ScalarGroups: Sendable {
  private var sum = 0.0
  private var count = 0
  private var toldAt: UnixTime?

  mutating func take(_ value: Double, at time: UnixTime) -> Double? {
    (sum, count) = (sum + value, count + 1)
    if let toldAt, (0..<ChangeCharts.groupSeconds).contains(time.seconds(since: toldAt)) { return nil }
    defer { (sum, count, toldAt) = (0, 0, time) }
    return sum / Double(count)
  }
}
