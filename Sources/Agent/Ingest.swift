import Configuration
import Contracts
import Logging
import MQTT
import Signal
import Store

/// The loop that Thrum is: read, analyse, commit, acknowledge. One thread, no `await`.
/// Handed over once, to that thread, hence unchecked.
struct Ingest: BlockingWork, @unchecked Sendable {
  let session: MQTTSession
  let workers: PointWorkers
  let desk: Desk
  let store: Store
  let health: Health
  let log: Logger
  /// Told after each commit that wrote something.
  let committed: @Sendable () -> Void
  let times: VerdictTimes
  /// What becomes of frames while the store refuses.
  let onFull: ThrumConfig.Store.OnFull
  private let clock = GatewayClock()
  private let backlog = VolatileBacklog()
  private let failing = FailingStore()
  private let stopping = StopFlag()

  func run() {
    defer { desk.close() }
    guard commit(workers.takeRestart()) else { return }
    while !stopping.isSet {
      let batch = read()
      var orders = desk.take()
      // Nothing is promised that nothing could keep.
      if failing.isVolatile {
        orders.answer(.unstored(failing.reason))
        orders = []
      }
      let jump = lookAtClock()
      workers.clockStands(isWrong: clock.stamp.quality == .wrong)
      var change = workers.take(batch, at: clock.stamp.wall)
      (change.clock, change.clockJump) = (clock.stamp, jump)
      orders.carryOut(by: workers, at: .now(), in: &change)
      guard commit(change) else {
        orders.answer(.stopping("call"))
        return session.abandon()
      }
      if jump?.corrects == true { workers.adopt(timesOf: (try? store.reader.newestAlarmOfEachMachine()) ?? []) }
      orders.answer(backlog.isEmpty ? nil : .onlyInMemory(failing.reason))
      session.acknowledge(batch)
      let now = MonotonicClock.preciseSeconds()
      times.note(batch.arrivals.map { now - $0 })
    }
    session.disconnect()
  }

  /// What was read is committed and acknowledged before `run` returns.
  func stop() {
    health.stopping()
    stopping.set()
    session.wake()
  }

  /// Times that run on are carried over a leap of the clock: a point is not silent because the date has changed.
  private func lookAtClock() -> ClockJump? {
    guard let jump = clock.look() else { return nil }
    log.warning(
      "The clock leapt",
      metadata: ["from": "\(jump.from.rfc3339)", "to": "\(jump.to.rfc3339)", "clock": "\(jump.quality.rawValue)"])
    workers.clockLeapt(bySeconds: jump.seconds)
    return jump
  }

  private func read() -> Batch {
    health.turned(mayBlock: true)
    let batch = session.read(waitSeconds: 1)
    health.turned(mayBlock: false)
    report(batch.notices)
    return batch
  }

  /// Tries until the store has it: the pipeline has moved on, nothing is analysed twice. When the broker would lose patience the
  /// connection is dropped without a write; the batch stays in hand, and no other connection is made before it is committed.
  /// In volatile mode a store that refuses for ten seconds is waited for no longer: what it should have kept waits in memory or is
  /// counted as given up, and the frames are acknowledged.
  /// - Returns: false when told to stop while the store refuses, or is not let go of by another connection in time.
  private func commit(_ change: Change) -> Bool {
    var pause = Pause()
    while true {
      if failing.isTooSoon, !stopping.isSet {
        backlog.absorb(change, reason: failing.reason, at: .now())
        return true
      }
      do {
        var whole = backlog.adding(change)
        whole.daemon = health.takeChange() ?? whole.daemon
        if !whole.isEmpty {
          try store.commit(whole)
          committed()
        }
        backlog.clear()
        failing.ended()
        health.fine(.store)
        return true
      } catch {
        failed(error)
        if error.kind == .corrupt { SelfRestart.now(store, reason: error.reason, log: log) }
        if stopping.isSet, error.kind != .busy || stopping.isSet(forSeconds: Self.lastPatienceSeconds) { return false }
        if failing.isVolatile { continue }
      }
      if session.mustAbandon { session.abandon() }
      health.turned(mayBlock: false)
      stopping.wait(seconds: pause.next())
    }
  }

  private func failed(_ error: StoreError) {
    health.forgetTaken()
    failing.failed("\(error)", isVolatile: onFull == .volatile)
    let mode = failing.isVolatile ? "nothing is stored: frames are decided, acknowledged and counted as dropped; " : ""
    health.trouble(.store, "\(mode)\(error)")
    if failing.isNews {
      log.error(
        failing.isVolatile ? "Nothing can be stored, going on without" : "Commit failed, trying again",
        metadata: ["error": "\(error)"])
    }
  }

  /// How long a stop waits for another connection's write lock; systemd kills after 90 s.
  private static let lastPatienceSeconds = 10.0

  private func report(_ notices: [SessionNotice]) {
    for notice in notices {
      switch notice {
      case .connected(let sessionPresent):
        log.info("Connected to the broker", metadata: ["session": sessionPresent ? "resumed" : "new"])
      case .disconnected(let reason):
        log.warning("Lost the broker", metadata: ["reason": "\(reason)"])
      case .subscriptionRefused(let topic, let code):
        log.error("The broker refused a subscription", metadata: ["topic": "\(topic)", "code": "\(code)"])
      }
    }
    let connection = session.connection
    if health.broker(connection), notices.isEmpty, !connection.isConnected, let reason = connection.reason {
      log.warning("Cannot reach the broker, trying on", metadata: ["reason": "\(reason)"])
    }
  }
}

/// Waits between tries of a commit: 50 ms, doubling, 1 s at most.
struct Pause {
  private var seconds = 0.025

  mutating func next() -> Double {
    seconds = min(1, seconds * 2)
    return seconds
  }
}

/// How long the store has refused, and what that means. Used by the ingest thread alone.
final class FailingStore {
  private var since: Double?
  private var lastTry = 0.0
  private(set) var reason = ""
  /// Frames are not held back for the store's sake.
  private(set) var isVolatile = false
  private(set) var isNews = true

  func failed(_ reason: String, isVolatile mayBeVolatile: Bool) {
    let now = MonotonicClock.preciseSeconds()
    let start = since ?? now
    let wasVolatile = isVolatile
    isVolatile = mayBeVolatile && now - start >= Self.patienceSeconds
    // While commits are tried on and on each is told, as before; in volatile mode only what changes.
    isNews = !isVolatile || !wasVolatile || reason != self.reason
    (since, lastTry, self.reason) = (start, now, reason)
  }

  func ended() { (since, isVolatile, reason) = (nil, false, "") }

  /// In volatile mode the store is tried once a second.
  var isTooSoon: Bool { isVolatile && MonotonicClock.preciseSeconds() - lastTry < 1 }

  private static let patienceSeconds = 10.0
}
