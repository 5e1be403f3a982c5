import Signal

/// A verdict that stands comes down after a quiet minute, however fast the windows come: an alarm that comes and goes within
/// seconds tells nobody anything (ISA-18.2 and EEMUA 191 call it chattering, and an off-delay its first remedy).
struct OffDelay: Sendable, Equatable {
  let seconds: Double
  /// When a window last said as much as what stands; after a restart the first window's time.
  private var objectedAt: UnixTime?

  init(seconds: Double) { self.seconds = seconds }

  /// Takes one window.
  /// - Parameters:
  ///   - standing: what stood before it.
  ///   - window: what it says by itself.
  /// - Returns: whether what stands may come down.
  mutating func mayFall(from standing: Verdict, window: Verdict, at time: UnixTime) -> Bool {
    guard standing.priority != nil else {
      objectedAt = nil
      return true
    }
    guard let last = objectedAt, window < standing, time >= last else {
      objectedAt = time
      return seconds == 0
    }
    return time.seconds(since: last) >= seconds
  }
}
