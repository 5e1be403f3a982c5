/// Leaves out of a baseline what is grossly unlike the rest of it: somebody may have knocked at the machine while it learned.
/// By medians and median deviations, which what is left out cannot move (F. R. Hampel, J. Am. Stat. Assoc. 69, 1974).
enum Contamination {
  /// At most this part is left out: more is how the machine runs.
  static let mostPart = 0.05
  /// A window is gross whose mean distance from the medians is this many times the median window's.
  private static let grossFactor: Float = 3

  /// - Returns: the rows to learn from, in their order.
  static func cleanRows(of windows: FeatureTable) -> [Int] {
    let all = Array(0..<windows.count)
    let most = Int(mostPart * Double(windows.count))
    guard most > 0 else { return all }
    let distances = distances(windows)
    let limit = grossFactor * median(distances)
    let gross = Set(all.filter { distances[$0] > limit }.sorted { distances[$0] > distances[$1] }.prefix(most))
    return all.filter { !gross.contains($0) }
  }

  /// Of each window: mean over its features of the distance from their medians in median deviations, at most 100 each.
  private static func distances(_ windows: FeatureTable) -> [Float] {
    var distances = [Float](repeating: 0, count: windows.count)
    for feature in 0..<windows.features {
      let values = (0..<windows.count).map { windows[$0][windows[$0].startIndex + feature] }
      let centre = median(values)
      let spread = max(median(values.map { abs($0 - centre) }), .leastNormalMagnitude)
      for (row, value) in values.enumerated() {
        distances[row] += min(abs(value - centre) / spread, 100) / Float(windows.features)
      }
    }
    return distances
  }

  private static func median(_ values: [Float]) -> Float {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }
}
