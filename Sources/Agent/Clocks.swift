import Glibc
import Signal

/// Time that never jumps, for durations.
enum MonotonicClock {
  static func seconds() -> UInt64 { UInt64(now().tv_sec) }
  static func preciseSeconds() -> Double { Double(now().tv_sec) + Double(now().tv_nsec) / 1e9 }

  private static func now() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time
  }
}

extension UnixTime {
  /// The wall clock.
  static func now() -> UnixTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UnixTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

/// What a thread has worked, whoever else was running: a model's time is its own, not that of a busy gateway.
enum ThreadClock {
  @Sendable static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
