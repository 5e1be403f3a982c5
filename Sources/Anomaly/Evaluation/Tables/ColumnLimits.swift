import Glibc

/// How far the quantities of a slow stream stray from where they were learned: each column over the farthest that a healthy stretch
/// it was not learned from has strayed, and of those the mean of the two worst, for a fault seldom shows in one quantity alone.
/// Chosen in `docs/decisions/tables.md`.
struct ColumnLimits: Sendable {
  private let distance: ColumnDistance
  /// Per column, in its deviations.
  private let limits: [Double]
  /// What healthy stretches reach when put together.
  private let strangest: Double

  /// Stretches that are judged in turn by what was learned from the others.
  private static let folds = 5
  /// Beyond this, in its own limit, a column is only "far away".
  private static let farthest = 12.0
  /// A steady column's means of 40 independent stretches stray by more than this anyway.
  private static let leastLimit = 2.0

  /// - Parameters:
  ///   - means: healthy, in order of time; at least `folds` stretches that share no samples.
  ///   - overlappingNeighbours: means that share a row with any one, on each side.
  init(_ means: [[Double]], overlappingNeighbours: Int) {
    distance = ColumnDistance(means)
    let unseen = Self.judgedByOthers(means, overlappingNeighbours)
    let limits = (means.first ?? []).indices.map { column in max(Self.leastLimit, unseen.map { $0[column] }.max() ?? 0) }
    strangest = max(unseen.map { Self.joint($0, limits) }.max() ?? 1, 0.5)
    self.limits = limits
  }

  /// Of one mean: 1 is the warning limit. `nil` where no column has a value.
  func score(_ mean: [Double]) -> Double? {
    let distances = distance.of(mean)
    if distances.allSatisfy(\.isNaN) { return nil }
    return Self.joint(distances, limits) / (strangest * Double(Calibration.headroom))
  }

  private static func joint(_ distances: [Double], _ limits: [Double]) -> Double {
    let worst = zip(distances, limits).map { $0.isNaN ? 0 : min($0 / $1, farthest) }.sorted().suffix(2)
    return worst.reduce(0, +) / Double(max(1, worst.count))
  }

  /// Distances of every mean from what the stretches without it and its neighbours teach.
  private static func judgedByOthers(_ means: [[Double]], _ neighbours: Int) -> [[Double]] {
    (0..<folds).flatMap { fold in
      let part = means.count * fold / folds..<means.count * (fold + 1) / folds
      let others = means.indices.filter { $0 < part.lowerBound - neighbours || $0 >= part.upperBound + neighbours }
      let learned = ColumnDistance(others.map { means[$0] })
      return part.map { learned.of(means[$0]) }
    }
  }
}

/// Distance of each column from its mean, in its standard deviations.
private struct ColumnDistance: Sendable {
  private let mean, deviation: [Double]

  /// Part of the mean below which a difference is the resolution of the sensor, not the machine.
  private static let leastDeviation = 1e-3

  init(_ rows: [[Double]]) {
    let columns = (rows.first ?? []).indices.map { column in rows.map { $0[column] }.filter(\.isFinite) }
    let means = columns.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
    mean = means
    deviation = columns.indices.map { index in
      let squares = columns[index].reduce(0) { $0 + ($1 - means[index]) * ($1 - means[index]) }
      let found = (squares / Double(max(1, columns[index].count))).squareRoot()
      return max(found, Self.leastDeviation * abs(means[index]), 1e-9)
    }
  }

  /// Not a number where there is none.
  func of(_ row: [Double]) -> [Double] { row.indices.map { abs(row[$0] - mean[$0]) / deviation[$0] } }
}
