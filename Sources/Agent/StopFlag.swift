import Glibc
import Synchronization

/// Set once, from any thread; a loop looks at it, or sleeps until it is set.
final class StopFlag: Sendable {
  private let stopped = Atomic<Bool>(false)
  private let stoppedAt = Atomic<UInt64>(0)

  var isSet: Bool { stopped.load(ordering: .acquiring) }

  /// Whether it was set so long ago.
  func isSet(forSeconds seconds: Double) -> Bool {
    isSet && MonotonicClock.preciseSeconds() - Double(bitPattern: stoppedAt.load(ordering: .relaxed)) >= seconds
  }

  func set() {
    guard !isSet else { return }
    stoppedAt.store(MonotonicClock.preciseSeconds().bitPattern, ordering: .relaxed)
    stopped.store(true, ordering: .releasing)
  }

  /// Returns at the latest after `seconds`, and within 20 ms of being set.
  func wait(seconds: Double) {
    let end = MonotonicClock.preciseSeconds() + seconds
    while !isSet, MonotonicClock.preciseSeconds() < end {
      usleep(useconds_t(min(0.02, seconds) * 1e6))
    }
  }
}
