import Contracts
import Signal
import Store
import Synchronization

/// Where people's orders wait for the ingest loop: it alone changes points and alarms. It takes what waits with its next batch, so an
/// order goes into the same transaction as the frames, and is answered when that is on the disk.
final class Desk: Sendable {
  typealias Work<Reply: Sendable> = @Sendable (PointWorkers, UnixTime, inout Change) -> Result<Reply, CallProblem>

  /// An order in the ingest loop's hands.
  struct Order: Sendable {
    /// Does the work; what it changed is in the change, and `answer` waits for its commit.
    fileprivate let work: @Sendable (PointWorkers, UnixTime, inout Change) -> Void
    /// Answers: the change is on the disk, or, with a problem, never will be.
    fileprivate let answer: @Sendable (CallProblem?) -> Void
  }

  private struct State {
    var waiting: [Order] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let onOrder: @Sendable () -> Void

  /// - Parameter onOrder: told that something waits.
  init(onOrder: @escaping @Sendable () -> Void) { self.onOrder = onOrder }

  /// Waits until the work was done and committed.
  func ask<Reply: Sendable>(_ operation: String, _ work: @escaping Work<Reply>) async -> Result<Reply, CallProblem> {
    await withCheckedContinuation { (asker: CheckedContinuation<Result<Reply, CallProblem>, Never>) in
      let done = Once<Result<Reply, CallProblem>>()
      let order = Order(
        work: { workers, now, change in
          var trial = change
          let result = work(workers, now, &trial)
          if case .success = result { change = trial }
          done.set(result)
        },
        answer: { problem in
          asker.resume(returning: problem.map { .failure($0) } ?? done.value ?? .failure(.stopping(operation)))
        })
      if let problem = add(order, operation) { order.answer(problem) } else { onOrder() }
    }
  }

  private func add(_ order: Order, _ operation: String) -> CallProblem? {
    state.withLock { state in
      guard !state.isClosed else { return .stopping(operation) }
      guard state.waiting.count < Self.limit else {
        return CallProblem(.busy, operation, "", reason: "\(Self.limit) orders wait already", remedy: "try again")
      }
      state.waiting.append(order)
      return nil
    }
  }

  /// For the ingest loop: what waits, in order.
  func take() -> [Order] {
    state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
  }

  /// From now on nothing is taken; what waits is told so.
  func close() {
    let left = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for order in left { order.answer(.stopping("call")) }
  }

  private static let limit = 64
}

extension [Desk.Order] {
  func carryOut(by workers: PointWorkers, at now: UnixTime, in change: inout Change) {
    for order in self { order.work(workers, now, &change) }
  }

  /// - Parameter problem: why nothing of it was stored; `nil`: it was.
  func answer(_ problem: CallProblem? = nil) { for order in self { order.answer(problem) } }
}

extension CallProblem {
  static func stopping(_ operation: String) -> Self {
    Self(.unavailable, operation, "", reason: "thrumd is stopping; nothing was changed", remedy: "ask again when it runs")
  }

  /// Refused: nothing can be stored at the moment.
  static func unstored(_ reason: String) -> Self {
    Self(
      .unavailable, "store an order", "", reason: "nothing can be stored, nothing was changed: \(reason)",
      remedy: "free some space for the store, then ask again; `thrum doctor` says where")
  }

  /// Done, but the store gave out before it was kept.
  static func onlyInMemory(_ reason: String) -> Self {
    Self(
      .unavailable, "store an order", "", reason: "done, but it is in memory alone and does not outlive a restart: \(reason)",
      remedy: "free some space for the store: it is stored then")
  }
}

/// A value that is set once, on one thread, and read later on another.
private final class Once<Value: Sendable>: Sendable {
  private let stored = Mutex<Value?>(nil)
  var value: Value? { stored.withLock { $0 } }
  func set(_ value: Value) { stored.withLock { $0 = value } }
}
