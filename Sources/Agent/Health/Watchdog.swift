import ServiceLifecycle

/// Feeds systemd's watchdog while the daemon works (DESIGN, promise 8), and says goodbye.
struct Watchdog: Service {
  let health: Health
  let notifier: SystemdNotifier

  func run() async throws {
    let interval = notifier.watchdogIntervalSeconds ?? Self.idleSeconds
    try? await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        if health.isTurning(withinSeconds: Self.patienceSeconds) { notifier.watchdog() }
        try await Task.sleep(for: .seconds(interval))
      }
    }
    notifier.stopping()
  }

  private static let idleSeconds = 30.0
  /// A read waits a second at most, a commit a few: a loop that has not come round for so long is stuck.
  private static let patienceSeconds: UInt64 = 30
}
