import Glibc
import Logging
import Store

/// A store that turns out to be damaged is mended when it is opened: the process begins anew, in place, so that systemd sees none
/// of it. Nothing is acknowledged on the way; the broker sends again what was in hand.
package enum SelfRestart {
  /// Does not return.
  static func now(_ store: Store, reason: String, log: Logger) -> Never {
    store.suspect(reason)
    guard mayAgain else {
      log.critical(
        "The store is damaged again, moments after it was mended: is the disk dying?", metadata: ["reason": "\(reason)"])
      exit(1)
    }
    log.critical("The store is damaged: starting anew to salvage it", metadata: ["reason": "\(reason)"])
    setenv(mark, "\(MonotonicClock.seconds())", 1)
    inPlace()
  }

  /// The process as it was started, under its own number. Does not return.
  package static func inPlace() -> Never {
    // Sockets and files of this life must not live on.
    for descriptor in Int32(3)..<1024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    exit(1)
  }

  /// A disk that damages what was just written would make this go round and round.
  private static var mayAgain: Bool {
    guard let last = getenv(mark).flatMap({ UInt64(String(cString: $0)) }) else { return true }
    return MonotonicClock.seconds() > last + 60
  }

  private static let mark = "THRUM_MENDED_AT"
}
