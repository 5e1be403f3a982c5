import MQTT
import Store
import Synchronization

/// How the daemon is, in one place: what `thrum status` shows and systemd is told.
/// Everybody reports here; the ingest loop carries changes into the store.
package final class Health: Sendable {
  /// What can be in trouble by itself.
  enum Part: Int, Sendable, CaseIterable { case store, reader, broker, socket, page, metrics, notify, configuration }

  private struct Facts {
    var troubles: [Part: String] = [.broker: "broker: not connected yet"]
    var broker = DaemonState.Link(connected: false, reason: "not connected yet")
    var uplink: DaemonState.Link?
    var started = false
    var changed = true
  }

  private let facts = Mutex(Facts())
  private let lastTurn = Atomic<UInt64>(0)
  private let mayBlock = Atomic<Bool>(true)
  private let isReloading = Atomic<Bool>(false)
  private let notifier: SystemdNotifier

  /// - Parameter uplink: as the start finds it; `nil` without a plane.
  init(uplink: DaemonState.Link?, notifier: SystemdNotifier) {
    self.notifier = notifier
    facts.withLock { $0.uplink = uplink }
  }

  // MARK: reports

  func started() { change { $0.started = true } }
  func stopping() { if !mustBeginAnew { notifier.stopping() } }
  /// From now on the end is no end: systemd is told so, and the process begins anew after it.
  func reloading() {
    isReloading.store(true, ordering: .releasing)
    notifier.reloading()
  }
  var mustBeginAnew: Bool { isReloading.load(ordering: .acquiring) }
  func trouble(_ part: Part, _ reason: String) { change { $0.troubles[part] = reason } }
  func fine(_ part: Part) { change { $0.troubles[part] = nil } }

  /// - Returns: whether that is news.
  @discardableResult
  func broker(_ connection: ConnectionState) -> Bool {
    change {
      $0.broker = DaemonState.Link(connected: connection.isConnected, reason: connection.reason)
      $0.troubles[.broker] = connection.reason.map { "broker: \($0)" }
    }
  }

  /// A plane out of reach is no trouble: the link is expected to be down.
  func uplink(_ condition: Uplink.Condition) {
    change {
      $0.uplink = DaemonState.Link(
        connected: condition.isConnected, reason: condition.reason, bytesToday: condition.bytesToday, day: condition.day)
    }
  }

  @discardableResult
  private func change(_ edit: (inout Facts) -> Void) -> Bool {
    let told: DaemonState? = facts.withLock { facts in
      let before = Self.state(of: facts)
      edit(&facts)
      let after = Self.state(of: facts)
      guard after != before else { return nil }
      facts.changed = true
      return after
    }
    if let told { notifier.status(([told.condition.rawValue] + told.reasons).joined(separator: "; ")) }
    return told != nil
  }

  // MARK: for the store

  /// What changed since it was last taken, to be committed with the next batch.
  func takeChange() -> DaemonState? {
    facts.withLock { facts in
      defer { facts.changed = false }
      return facts.changed ? Self.state(of: facts) : nil
    }
  }

  /// What was taken could not be committed.
  func forgetTaken() { facts.withLock { $0.changed = true } }

  /// How it is when everything has ended in order: what troubled it to the last stays readable.
  var end: DaemonState {
    facts.withLock { facts in
      let reason = "thrumd was told to stop"
      return DaemonState(
        condition: .stopped, reasons: Self.state(of: facts).reasons, broker: .init(connected: false, reason: reason),
        uplink: facts.uplink?.lost(reason))
    }
  }

  private static func state(of facts: Facts) -> DaemonState {
    let reasons = Part.allCases.compactMap { facts.troubles[$0] }
    let condition: DaemonState.Condition = !facts.started ? .starting : reasons.isEmpty ? .healthy : .degraded
    return DaemonState(condition: condition, reasons: reasons, broker: facts.broker, uplink: facts.uplink)
  }

  // MARK: for the watchdog

  /// The loop came round. Between `mayBlock: true` and the next call it may rest in a name look-up or a TLS handshake as long as those take.
  func turned(mayBlock: Bool) {
    self.mayBlock.store(mayBlock, ordering: .relaxed)
    lastTurn.store(MonotonicClock.seconds(), ordering: .releasing)
  }

  /// Working means: the loop turns and no commit is overdue. An idle plant is healthy; a failing commit still turns.
  func isTurning(withinSeconds limit: UInt64) -> Bool {
    mayBlock.load(ordering: .relaxed) || MonotonicClock.seconds() - lastTurn.load(ordering: .acquiring) <= limit
  }
}
