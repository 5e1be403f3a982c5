import Synchronization

/// How long frames took from their arrival until their verdict was on the disk, as a histogram.
final class VerdictTimes: Sendable {
  struct Counts: Sendable {
    /// One for each bound, and one for what is beyond the last; not cumulative.
    var frames = [Int](repeating: 0, count: VerdictTimes.bounds.count + 1)
    var sumSeconds = 0.0
  }

  /// Upper bounds, s.
  static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  private let counts = Mutex(Counts())

  /// - Parameter seconds: of each frame of a batch.
  func note(_ seconds: [Double]) {
    counts.withLock { counts in
      for time in seconds where time.isFinite {
        counts.frames[Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count] += 1
        counts.sumSeconds += max(0, time)
      }
    }
  }

  var now: Counts { counts.withLock { $0 } }
}
