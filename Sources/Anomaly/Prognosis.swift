import Glibc
import Signal

/// When a point's velocity will reach the next zone, if it goes on as it has: with an interval, or not at all.
///
/// A straight line through the logarithm of the velocity over time, by the median of all pairs' slopes (H. Theil, Proc. K. Ned.
/// Akad. Wet. 53, 1950; P. K. Sen, J. Am. Stat. Assoc. 63, 1968), with Sen's interval of the slope: outliers and stops in
/// between do not turn it. Rather unknown than guessed: when the slope may as well be 0, or the limit lies more than three times
/// as far ahead as the history reaches back.
package struct Prognosis: Sendable, Equatable {
  /// The zone that begins there.
  package let zone: SeverityZone
  /// mm/s.
  package let limit: Double
  /// From the newest row on: between these with a chance of four in five, as far as the slope is as uncertain as its pairs.
  package let seconds: ClosedRange<Double>

  package static let leastRows = 20
  private static let mostRows = 120
  private static let farthest = 3.0
  /// Two-sided, of the normal distribution: four in five.
  private static let quantile = 1.2816

  /// - Parameter history: oldest first; rows without a velocity, or of a machine that stood, are left out.
  package init?(_ history: [TrendRow], limits: SeverityLimits) {
    let rows = Self.thinned(history)
    guard rows.count >= Self.leastRows, let newest = rows.last else { return nil }
    guard let slopes = Self.slopes(rows), slopes.interval.lowerBound > 0 else { return nil }
    // The line turns about its middle, where it is known best.
    let middle = (rows[0].second + newest.second) / 2
    let height = Self.median(rows.map { $0.logarithm - slopes.median * ($0.second - middle) })
    let ahead = newest.second - middle
    let standing = max(exp(height + slopes.median * ahead), Self.newestLevel(history))
    guard let (zone, limit) = limits.next(above: standing) else { return nil }
    let distance = log(limit) - height
    let (soonest, latest) = (distance / slopes.interval.upperBound, distance / slopes.interval.lowerBound)
    guard latest - ahead <= Self.farthest * 2 * ahead else { return nil }
    (self.zone, self.limit, seconds) = (zone, limit, max(0, soonest - ahead)...max(0, latest - ahead))
  }

  private typealias Row = (second: Double, logarithm: Double)

  /// Evenly picked, at most `mostRows`; seconds count from the first.
  private static func thinned(_ history: [TrendRow]) -> [Row] {
    let usable = history.filter { ($0.velocityRMS ?? 0) > 0 && !$0.verdict.isSuppressed }
    guard let first = usable.first else { return [] }
    let step = max(1, (usable.count + mostRows - 1) / mostRows)
    return usable.indices.reversed().filter { (usable.count - 1 - $0).isMultiple(of: step) }.reversed().map {
      (usable[$0].time.seconds(since: first.time), log(usable[$0].velocityRMS ?? 1))
    }
  }

  /// Of the newest rows, mm/s: a zone that the machine stands in by now is not reached any more.
  private static func newestLevel(_ history: [TrendRow]) -> Double {
    median(history.suffix(newestRows).map { $0.velocityRMS ?? 0 })
  }

  private static let newestRows = 5

  /// Theil's slope, per second, and Sen's interval; `nil` where times do not rise.
  private static func slopes(_ rows: [Row]) -> (median: Double, interval: ClosedRange<Double>)? {
    var slopes: [Double] = []
    for (index, row) in rows.enumerated() {
      for later in rows[(index + 1)...] where later.second > row.second {
        slopes.append((later.logarithm - row.logarithm) / (later.second - row.second))
      }
    }
    guard slopes.count >= rows.count else { return nil }
    slopes.sort()
    let n = Double(rows.count)
    let spread = quantile * (n * (n - 1) * (2 * n + 5) / 18).squareRoot()
    let low = Int(((Double(slopes.count) - spread) / 2).rounded(.down))
    let high = Int(((Double(slopes.count) + spread) / 2).rounded(.up))
    return (slopes[slopes.count / 2], slopes[max(0, low)]...slopes[min(slopes.count - 1, high)])
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

extension Prognosis {
  /// Whether the newest of these rows stand in zone D: there is no worse one to wait for.
  package static func isInLastZone(_ history: [TrendRow], limits: SeverityLimits) -> Bool {
    history.count >= newestRows && limits.zone(of: newestLevel(history)) == .d
  }
}

extension SeverityLimits {
  /// The next limit above a velocity; `nil` in zone D.
  fileprivate func next(above value: Double) -> (SeverityZone, Double)? {
    switch zone(of: value) {
    case .a: (.b, ab)
    case .b: (.c, bc)
    case .c: (.d, cd)
    case .d: nil
    }
  }
}

extension Verdict {
  fileprivate var isSuppressed: Bool { if case .suppressed = self { true } else { false } }
}
