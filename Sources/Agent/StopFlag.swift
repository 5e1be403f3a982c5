import Glibc
import Synchronization

/// Set once, from any thread; a loop looks at it, or sleeps until it is set.
final class StopFlag: Sendable {
  private let stopped = Atomic<Bool>(false)

  var isSet: Bool { stopped.load(ordering: .acquiring) }
  func set() { stopped.store(true, ordering: .releasing) }

  /// Returns at the latest after `seconds`, and within 20 ms of being set.
  func wait(seconds: Double) {
    let end = MonotonicClock.preciseSeconds() + seconds
    while !isSet, MonotonicClock.preciseSeconds() < end {
      usleep(useconds_t(min(0.02, seconds) * 1e6))
    }
  }
}
