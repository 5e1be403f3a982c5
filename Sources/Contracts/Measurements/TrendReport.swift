import Anomaly
import Signal

/// Rows of a point's history as they travel in the lane of trends: a column a value.
package struct TrendReport: Sendable, Codable, Equatable {
  package static let type = "org.thrum.trend.v1"

  /// Of the first row.
  package var from: UnixTime
  /// From `from` to each row.
  package var seconds: [Double]
  package var velocityRmsMmS: [Double?]
  /// In the point's own unit.
  package var rms: [Double]
  package var kurtosis: [Double]
  package var probability: [Double?]
  package var verdict: [String]

  /// `nil` without rows.
  package init?(_ rows: [TrendRow]) {
    guard let first = rows.first else { return nil }
    from = first.time
    seconds = rows.map { ($0.time.seconds(since: first.time) * 10).rounded() / 10 }
    velocityRmsMmS = rows.map { $0.velocityRMS.map(Self.short) }
    rms = rows.map { Self.short($0.rms) }
    kurtosis = rows.map { Self.short($0.kurtosis) }
    probability = rows.map { $0.probability.map(Self.short) }
    verdict = rows.map { $0.verdict.name }
  }

  /// Four significant digits: what a sensor tells, and a third of the bytes.
  private static func short(_ value: Double) -> Double {
    guard value.isFinite, value != 0 else { return value }
    var scale = 1.0
    while abs(value) * scale < 1000, scale < 1e12 { scale *= 10 }
    return (value * scale).rounded() / scale
  }
}

/// What became of the frames, point by point, since the store was made: replaces what was told before.
package struct LedgerSummary: Sendable, Codable, Equatable {
  package static let type = "org.thrum.ledger.v1"

  package var points: [Point]
  package var part: Int
  package var of: Int

  package struct Point: Sendable, Codable, Equatable {
    /// Both empty for what belongs to no point.
    package var machine: String
    package var point: String
    package var ledger: LedgerReport

    package init(machine: String, point: String, ledger: LedgerReport) {
      (self.machine, self.point, self.ledger) = (machine, point, ledger)
    }
  }

  /// In parts that each keep well below what an item may have.
  package static func parts(_ points: [Point]) -> [LedgerSummary] {
    let count = max(1, (points.count + mostPoints - 1) / mostPoints)
    return (0..<count).map { index in
      LedgerSummary(
        points: Array(points[min(points.count, index * mostPoints)..<min(points.count, (index + 1) * mostPoints)]),
        part: index + 1,
        of: count)
    }
  }

  private static let mostPoints = 20
}
