/// How often a series rises above a level, as an alarm would be raised: once, however long it stays, until it has been below for
/// some decisions in a row ("runs" of extreme value theory: S. Coles, "An Introduction to Statistical Modeling of Extreme Values",
/// 2001, section 5.3.2). Counting these instead of single decisions keeps the count right where neighbours depend on each other.
enum Excursions {
  /// Decisions in a row below, after which the next one above is a new alarm.
  static let quietDecisions = 3

  static func count(in series: [Float], above level: Float) -> Int {
    var (count, last) = (0, -1 - quietDecisions)
    for (index, value) in series.enumerated() where value > level {
      if index - last > quietDecisions { count += 1 }
      last = index
    }
    return count
  }

  /// Independent values that are worth as much as the series: its length over 1 + 2 Σ of its autocorrelations, up to the first
  /// that is below 0.05 (A. Sokal, "Monte Carlo Methods in Statistical Mechanics", 1997, section 3).
  static func effectiveCount(of series: [Float]) -> Double {
    let count = series.count
    guard count > 2 else { return Double(count) }
    let mean = series.reduce(0, +) / Float(count)
    let distances = series.map { $0 - mean }
    let variance = distances.reduce(0) { $0 + $1 * $1 }
    guard variance > 0 else { return 1 }
    var time = 1.0
    for lag in 1..<max(2, count / 3) {
      var sum: Float = 0
      for index in lag..<count { sum += distances[index] * distances[index - lag] }
      guard sum / variance >= 0.05 else { break }
      time += 2 * Double(sum / variance)
    }
    return Double(count) / time
  }
}
