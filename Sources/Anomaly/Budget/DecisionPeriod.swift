import Glibc
import Signal

/// How strange the machine was over one decision: per detector, the mean logarithm of its score over its reference.
/// A mean of logarithms moves with everything that lasts and hardly with a single bang: those are the debounce's.
struct DecisionLevel: Sendable, Equatable {
  /// In the order of THE LIST; `Detectors.all.count` of them count.
  var detectors: SIMD4<Float>
  /// The warning limit from which on the debounce would have raised no warning: 1 is the margin's own.
  var burst: Float

  /// Of a detector that the model does not have.
  static let nothing = logf(leastRatio)
  fileprivate static let leastRatio: Float = 1e-6
}

/// Gathers the windows of one decision.
struct DecisionPeriod: Sendable {
  private var startedAt: UnixTime?
  private var sums = SIMD4<Double>.zero
  private var windows = 0
  private var wasObjected = false
  private var burst: Float = 0
  private var latest = LatestScores()

  /// Fewer windows say too little.
  private static let leastWindows = 5

  /// - Parameters:
  ///   - seconds: how long a decision looks.
  ///   - isObjected: a rule stands against the machine, or it is far beyond everything healthy.
  /// - Returns: the decision that was full before this window came, and whether it is one of a machine that nothing stood against.
  mutating func take(
    _ score: Score, at time: UnixTime, seconds: Double, isObjected: Bool, debounce: DebounceSettings
  ) -> (level: DecisionLevel, isHealthy: Bool)? {
    let full = take(at: time, seconds)
    for index in Detectors.all.indices { sums[index] += Double(logf(max(score.ratios[index], DecisionLevel.leastRatio))) }
    windows += 1
    burst = max(burst, latest.take(Float(score.joint), debounce))
    wasObjected = wasObjected || isObjected
    return full
  }

  /// Ends what is over; a clock that goes back begins anew.
  private mutating func take(at time: UnixTime, _ seconds: Double) -> (level: DecisionLevel, isHealthy: Bool)? {
    guard let start = startedAt, case let elapsed = time.seconds(since: start), elapsed >= 0 else {
      begin(at: time)
      return nil
    }
    guard elapsed >= seconds, windows >= Self.leastWindows else { return nil }
    defer { begin(at: time) }
    return (DecisionLevel(detectors: SIMD4<Float>(sums / Double(windows)), burst: burst), !wasObjected)
  }

  private mutating func begin(at time: UnixTime) { (startedAt, sums, windows, wasObjected, burst) = (time, .zero, 0, false, 0) }
}

/// The scores that the debounce looks at.
private struct LatestScores: Sendable {
  private var scores = SIMD8<Float>.zero
  private var next = 0

  /// - Returns: the score that just so many of the latest have reached as raise a warning.
  mutating func take(_ score: Float, _ debounce: DebounceSettings) -> Float {
    let count = min(max(1, debounce.of), 8)
    scores[next % count] = score
    next += 1
    var (left, found) = (scores, Float(0))
    for _ in 0..<min(max(1, debounce.raise), count) {
      found = left.max()
      for index in 0..<count where left[index] == found {
        left[index] = 0
        break
      }
    }
    return found
  }
}
