/// Finds the regimes of a baseline by the speeds measured with its windows.
enum Regimes {
  /// Beyond this the smallest are not learned.
  static let most = 8
  /// Windows that a regime needs to be learned from, as a part of all of them and at least.
  private static let leastPart = 0.1
  static let leastWindows = 16
  /// A gap between two speeds that parts regimes, and what a regime's ends are widened by: a machine's load changes its speed.
  private static let gap = 1.06
  private static let margin = 0.03

  /// - Parameter speeds: of each window, revolutions per minute; NaN: not known.
  /// - Returns: each regime's rows in order of time, with its speeds; one without speeds when fewer than nine windows in ten have
  ///   one. Windows of speeds that are rare are in none of them.
  static func find(_ speeds: [Double]) -> [(speedRPM: ClosedRange<Double>?, rows: [Int])] {
    let known = speeds.indices.filter { speeds[$0].isFinite }
    guard !known.isEmpty, 10 * known.count >= 9 * speeds.count else { return [(nil, Array(speeds.indices))] }
    let enough = max(leastWindows, Int(leastPart * Double(known.count)))
    let clusters = clusters(known.sorted { abs(speeds[$0]) < abs(speeds[$1]) }, speeds)
    let large = clusters.filter { $0.count >= enough }.sorted { $0.count > $1.count }.prefix(most)
    let kept = large.isEmpty ? [known.sorted { abs(speeds[$0]) < abs(speeds[$1]) }] : Array(large)
    return kept.map { rows in (abs(speeds[rows[0]])...abs(speeds[rows[rows.count - 1]]), rows.sorted()) }
      .sorted { $0.0.lowerBound < $1.0.lowerBound }.map { (speedRPM: $0.0, rows: $0.1) }
  }

  static func widened(_ speedRPM: ClosedRange<Double>) -> ClosedRange<Double> {
    speedRPM.lowerBound * (1 - margin)...speedRPM.upperBound * (1 + margin)
  }

  /// - Parameter rows: by rising speed, at least one.
  private static func clusters(_ rows: [Int], _ speeds: [Double]) -> [[Int]] {
    var clusters = [[rows[0]]]
    for (row, next) in zip(rows, rows.dropFirst()) {
      if abs(speeds[next]) > gap * abs(speeds[row]) { clusters.append([]) }
      clusters[clusters.count - 1].append(next)
    }
    return clusters
  }
}
