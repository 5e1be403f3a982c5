import Glibc
import Logging
import MQTT
import Store
import Synchronization

/// Opens the store however long that takes. What may pass (a disk that is full, fails, or was mounted for reading) is no reason to give
/// up: the daemon says that it is there and why it watches nothing, takes nothing from the broker, and tries again until the store is
/// open. What does not pass by itself (another daemon, a newer store, one that is not ours) ends the start.
struct StoreWait {
  let notifier: SystemdNotifier
  let log: Logger
  /// Asked at SIGHUP: whether the configuration as it is now could be begun anew with.
  let mayBeginAnew: () -> Bool

  func open(_ folder: String, _ settings: () throws -> StoreSettings) throws -> Store {
    let opening = StoreOpening(folder: folder)
    do { return try opening.attempt(try settings()) } catch {
      guard opening.waiting != nil else { throw error }
      return try wait(opening, error, settings)
    }
  }

  private func wait(_ opening: StoreOpening, _ first: any Error, _ settings: () throws -> StoreSettings) throws -> Store {
    let pulse = Pulse(notifier)
    defer { pulse.end() }
    var pause = Backoff(firstSeconds: 1)
    var dice = SystemRandomNumberGenerator()
    var (refusal, told) = (first, nil as String?)
    while true {
      rest(seconds: pause.next(using: &dice), opening) {
        if "\(refusal)" != told { tell(refusal, isFirst: told == nil) }
        told = "\(refusal)"
      }
      do {
        let store = try pulse.during { try opening.attempt(try settings()) }
        log.notice("The store is open now")
        return store
      } catch {
        guard opening.waiting != nil else { throw error }
        refusal = error
      }
    }
  }

  /// From the first time on the start counts as done: a service manager that waited for more would hold up others, and kill.
  private func tell(_ error: any Error, isFirst: Bool) {
    log.error("The store cannot be opened, trying again", metadata: ["error": "\(error)"])
    notifier.status("starting; store: \(error)")
    if isFirst { notifier.ready() }
  }

  /// Ends early when the disk has more room, or a signal comes.
  /// - Parameter say: what is told before; whoever hears it may already send a signal.
  private func rest(seconds: Double, _ opening: StoreOpening, _ say: () -> Void) {
    let start = MonotonicClock.preciseSeconds()
    var rested: Double { MonotonicClock.preciseSeconds() - start }
    Signals.heed {
      say()
      while rested < seconds, rested < 1 || !opening.hasMoreRoom {
        switch Signals.arrived.exchange(0, ordering: .acquiringAndReleasing) {
        case 0: usleep(50_000)
        case Int(SIGHUP): if mayBeginAnew() { SelfRestart.inPlace() }
        default:
          notifier.stopping()
          exit(0)
        }
      }
    }
  }
}

/// Feeds systemd's watchdog from a thread of its own while the daemon waits, and while a try takes no longer than a start may.
private final class Pulse: Sendable {
  private let ended = StopFlag()
  private let deadline = Atomic<UInt64>(.max)
  /// TimeoutStartSec of the unit.
  private static let longestTrySeconds: UInt64 = 900

  init(_ notifier: SystemdNotifier) {
    guard let interval = notifier.watchdogIntervalSeconds else { return }
    try? OwnThread.start(name: "pulse") { [self] in
      while !ended.isSet {
        if MonotonicClock.seconds() < deadline.load(ordering: .relaxed) { notifier.watchdog() }
        ended.wait(seconds: interval)
      }
    }
  }

  func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    deadline.store(MonotonicClock.seconds() + Self.longestTrySeconds, ordering: .relaxed)
    defer { deadline.store(.max, ordering: .relaxed) }
    return try body()
  }

  func end() { ended.set() }
}

/// The signals that mean something to a daemon which is not at work yet. While it tries they end it at once: nothing is at stake.
private enum Signals {
  static let arrived = Atomic<Int>(0)

  static func heed(_ body: () -> Void) {
    // Made before a handler may use it.
    arrived.store(0, ordering: .releasing)
    let note: @convention(c) (Int32) -> Void = { Signals.arrived.store(Int($0), ordering: .releasing) }
    let former = [SIGTERM, SIGINT, SIGHUP].map { ($0, signal($0, note)) }
    body()
    for (number, handler) in former { signal(number, handler) }
  }
}
