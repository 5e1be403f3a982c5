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
  private let stopping = StopFlag()

  func run() {
    defer { desk.close() }
    guard commit(workers.takeRestart()) else { return }
    while !stopping.isSet {
      let batch = read()
      let orders = desk.take()
      var change = workers.take(batch, at: .now())
      orders.carryOut(by: workers, at: .now(), in: &change)
      guard commit(change) else {
        orders.answer(.stopping("call"))
        return session.abandon()
      }
      orders.answer()
      session.acknowledge(batch)
    }
    session.disconnect()
  }

  /// What was read is committed and acknowledged before `run` returns.
  func stop() {
    health.stopping()
    stopping.set()
    session.wake()
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
  /// - Returns: false when told to stop while the store refuses, or is not let go of by another connection in time.
  private func commit(_ change: Change) -> Bool {
    var pause = Pause()
    while true {
      do {
        var change = change
        change.daemon = health.takeChange()
        if !change.isEmpty {
          try store.commit(change)
          committed()
        }
        health.fine(.store)
        return true
      } catch {
        health.trouble(.store, "\(error)")
        log.error("Commit failed, trying again", metadata: ["error": "\(error)"])
        if stopping.isSet, error.kind != .busy || stopping.isSet(forSeconds: Self.lastPatienceSeconds) { return false }
      }
      if session.mustAbandon { session.abandon() }
      health.turned(mayBlock: false)
      stopping.wait(seconds: pause.next())
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
