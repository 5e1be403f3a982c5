import Logging
import ServiceLifecycle

/// Says that the daemon is ready, then feeds systemd's watchdog while it works (DESIGN, promise 8).
struct Watchdog: Service {
  let health: Health
  let notifier: SystemdNotifier
  let log: Logger

  /// Started first, when signals are already heeded: from `ready` on a SIGTERM is an orderly stop.
  func run() async throws {
    health.started()
    notifier.ready()
    log.notice("Thrum is running")
    ProcessMemory.release()
    let interval = notifier.watchdogIntervalSeconds ?? Self.idleSeconds
    try? await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        if health.isTurning(withinSeconds: Self.patienceSeconds) { notifier.watchdog() }
        try await Task.sleep(for: .seconds(interval))
      }
    }
  }

  private static let idleSeconds = 30.0
  /// A read waits a second at most, a commit a few: a loop that has not come round for so long is stuck.
  private static let patienceSeconds: UInt64 = 30
}
