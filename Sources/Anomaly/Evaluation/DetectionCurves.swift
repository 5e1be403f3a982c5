/// What probabilities of healthy and faulty windows look like over all thresholds; for reports.
package struct DetectionCurves: Sendable, Equatable {
  package struct Point: Sendable, Equatable { package var x, y: Double }

  /// One of ten equal bins of probability that holds windows.
  package struct Bin: Sendable, Equatable {
    package var meanProbability, faultShare: Double
    package var windows: Int
  }

  /// False alarm rate and detection rate of windows, from the highest threshold to the lowest.
  package private(set) var roc: [Point] = [Point(x: 0, y: 0)]
  /// Recall and precision, from the highest threshold to the lowest.
  package private(set) var precisionRecall: [Point] = []
  package private(set) var reliability: [Bin] = []

  /// Points of a curve; more would not be seen.
  private static let mostPoints = 400

  /// `nil` without both kinds of windows.
  init?(healthy: [Double], faulty: [Double]) {
    guard !healthy.isEmpty, !faulty.isEmpty else { return nil }
    let all = (healthy.map { ($0, 0) } + faulty.map { ($0, 1) }).sorted { $0.0 > $1.0 }
    var hits = 0
    for (index, (probability, isFault)) in all.enumerated() {
      hits += isFault
      if index + 1 < all.count, all[index + 1].0 == probability { continue }
      let recall = Double(hits) / Double(faulty.count)
      roc.append(Point(x: Double(index + 1 - hits) / Double(healthy.count), y: recall))
      precisionRecall.append(Point(x: recall, y: Double(hits) / Double(index + 1)))
    }
    (roc, precisionRecall) = (Self.thinned(roc), Self.thinned(precisionRecall))
    reliability = Self.bins(all)
  }

  private static func bins(_ all: [(probability: Double, isFault: Int)]) -> [Bin] {
    Dictionary(grouping: all) { max(0, min(9, Int($0.probability * 10))) }.sorted { $0.key < $1.key }.map { _, windows in
      let count = Double(windows.count)
      return Bin(
        meanProbability: windows.reduce(0) { $0 + $1.probability } / count,
        faultShare: Double(windows.reduce(0) { $0 + $1.isFault }) / count, windows: windows.count)
    }
  }

  /// Corners stay: points between others on a line along an axis go first.
  private static func thinned(_ all: [Point]) -> [Point] {
    let points = all.indices.filter { index in
      guard index > 0, index + 1 < all.count else { return true }
      let (before, point, after) = (all[index - 1], all[index], all[index + 1])
      return !(before.x == point.x && point.x == after.x) && !(before.y == point.y && point.y == after.y)
    }.map { all[$0] }
    guard points.count > mostPoints else { return points }
    return (0..<mostPoints).map { points[$0 * (points.count - 1) / (mostPoints - 1)] }
  }
}
