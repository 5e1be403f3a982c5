import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// SIGHUP: the configuration is read anew. What is refused changes nothing; what is accepted is taken up by stopping in good order
/// and beginning anew in place, so that the broker keeps the session and systemd sees one life.
struct Reload: Service {
  /// Every problem of the configuration as it stands now.
  let recheck: @Sendable () -> [String]
  let wanted: StopFlag
  let notifier: SystemdNotifier
  let log: Logger

  /// Returns when the group is to stop.
  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      let problems = recheck()
      guard problems.isEmpty else {
        for problem in problems {
          log.error("The new configuration is refused, the old one stays", metadata: ["why": "\(problem)"])
        }
        continue
      }
      log.notice("Taking up the new configuration")
      wanted.set()
      notifier.reloading()
      return
    }
  }

  /// Begins the process anew; returns only where that is impossible.
  static func beginAnew() {
    // Sockets and files of this life must not live on.
    for descriptor in Int32(3)..<1024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }
}
