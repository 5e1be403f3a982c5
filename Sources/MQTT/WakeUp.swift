import CLinux
import Glibc
import Synchronization

/// Interrupts a `poll` from another thread.
final class WakeUp: Sendable {
  /// To be polled for reading.
  let descriptor = thrum_eventfd()
  private let isRequested = Atomic<Bool>(false)

  deinit { close(descriptor) }

  /// Makes the reader return.
  func request() {
    isRequested.store(true, ordering: .releasing)
    poke()
  }

  /// Makes the reader look again.
  func poke() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  /// Forgets all pokes; returns whether a return was requested.
  func take() -> Bool {
    var count: UInt64 = 0
    _ = Glibc.read(descriptor, &count, 8)
    return isRequested.exchange(false, ordering: .acquiring)
  }
}

func clearErrno() { thrum_clear_errno() }

/// Seconds of the monotonic clock.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
