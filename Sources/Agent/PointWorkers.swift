import Anomaly
import Dispatch
import MQTT
import Signal
import Store

/// Turns a batch of messages into one change for the store: routes each message to its point, lets the workers decide, and puts the
/// outcomes back in order of arrival. Used by the ingest thread alone.
final class PointWorkers {
  private let routes: Routes
  private let workers: [PointWorker]
  let learner: Learner
  private let models: ModelDesk?
  private let broker: String
  private let maxPoints: Int
  private(set) var points: Set<PointID>
  var alarms: MachineAlarms
  var suppressions: Suppressions
  var learningStops: [PointID: LearningStop]
  private let findAlarm: (String) -> Bool
  private var ring: RedeliveryRing
  private var hadSession: Bool
  private var restarted: [PointOutcome] = []

  /// - Parameters:
  ///   - broker: as people name it.
  ///   - maxPoints: a topic that would make one more is counted under `unassigned`.
  ///   - now: what is left of times that ran before the restart is counted from here.
  ///   - findAlarm: whether the store has a closed alarm of that id.
  init(
    _ workers: [PointWorker], learner: Learner, models: ModelDesk? = nil, routes: Routes, restored: RestoredState, broker: String,
    maxPoints: Int,
    at now: UnixTime = .now(), findAlarm: @escaping (String) -> Bool = { _ in false }
  ) {
    self.workers = workers
    (self.learner, self.models) = (learner, models)
    self.routes = routes
    self.broker = broker
    self.maxPoints = maxPoints
    points = Set(restored.points.map(\.id))
    alarms = MachineAlarms(
      newest: restored.alarms,
      standing: Dictionary(uniqueKeysWithValues: restored.points.map { ($0.id, $0.point.state.verdict) }),
      suppressed: restored.suppressions)
    suppressions = Suppressions(restored: restored.suppressions, at: now)
    learningStops = restored.learningStops
    self.findAlarm = findAlarm
    ring = restored.ring
    hadSession = restored.hadSession
    for point in restored.points { restore(point.point, of: point.id) }
    for point in Set(learningStops.keys).union(suppressions.points.keys) { worker(of: point).mayLearn(mayLearn(point), point) }
  }

  /// The first change after a start: what waited in half-filled windows when the process ended is booked as dropped.
  func takeRestart() -> Change {
    defer { restarted = [] }
    var change = Change()
    change.points = restarted
    return change
  }

  private func restore(_ point: RestoredPoint, of id: PointID) {
    var point = point
    if point.state.pendingFrames > 0 {
      let pipeline = PointPipeline(
        point: id, settings: PointSettings(), restored: RestoredPoint(state: point.state), analyzers: Analyzers())
      var outcome = pipeline.begin()
      pipeline.resume(into: &outcome)
      restarted.append(outcome)
      point.state = outcome.state
    }
    worker(of: id).restore(point, of: id)
    if let (source, channel) = routes.only(making: id) { worker(of: id).expect(id, channel, from: source) }
  }

  /// What the batch comes to. Nothing of it is durable before the change is committed.
  func take(_ batch: Batch, at now: UnixTime) -> Change {
    var change = Change()
    note(batch.notices, at: now, in: &change)
    endSuppressions(at: now, in: &change)
    install(learner.takeFinished(), at: now, in: &change)
    for move in models?.settle(points: points, at: now, in: &change) ?? [] {
      worker(of: move.point).deliver(move.model, to: move.point)
    }
    let deliveries = route(batch.messages, unassigned: &change.unassigned)
    change.points = work(through: deliveries, at: now)
    models?.collect(at: now, in: &change)
    for job in workers.flatMap({ $0.takeTraining() }) { learner.learn(job) }
    alarms.settle(&change.points)
    // An alarm that came back with this batch may have moved on in it.
    change.people.alarms = change.people.alarms.map { alarms.alarm($0.id) ?? $0 }
    change.session = ring.takeChange()
    return change
  }

  /// What was received before the leap is as old as it was.
  func clockLeapt(bySeconds seconds: Double) {
    for worker in workers { worker.clockLeapt(bySeconds: seconds) }
  }

  /// With a wrong clock no delivered model goes on to work.
  func clockStands(isWrong: Bool) { models?.clockStands(isWrong: isWrong) }

  /// Alarms go on with the times that are stored.
  func adopt(timesOf alarms: [Alarm]) { self.alarms.adopt(timesOf: alarms) }

  // MARK: the session

  private func note(_ notices: [SessionNotice], at now: UnixTime, in change: inout Change) {
    for case .connected(let sessionPresent) in notices {
      ring.connected(sessionPresent: sessionPresent)
      if !sessionPresent, hadSession {
        for worker in workers { worker.sessionLost() }
        change.occurrences.append(
          Occurrence(arrival: -1, time: now, subject: "", kind: .sessionLost(SessionReport(broker: broker))))
      }
      hadSession = true
    }
  }

  // MARK: what was learned meanwhile

  private func install(_ models: [(point: PointID, model: PointModel)], at now: UnixTime, in change: inout Change) {
    for (point, model) in models {
      worker(of: point).install(model, for: point, at: now)
      change.models.append(StoredModel(point: point, version: model.version, bytes: model.encoded()))
    }
  }

  // MARK: from topic to point

  private func route(_ messages: [Message], unassigned: inout Ledger) -> [Delivery] {
    var deliveries: [Delivery] = []
    deliveries.reserveCapacity(messages.count)
    for (arrival, message) in messages.enumerated() {
      let isDuplicate = isDuplicate(message)
      switch destination(of: message.topic) {
      case .failure(let reason): unassigned.count(isDuplicate ? nil : reason)
      case .success(let match):
        let points = match.points.map { admit($0) }
        for point in points where point == nil { unassigned.count(isDuplicate ? nil : .tooManyPoints) }
        guard let machine = points.lazy.compactMap({ $0?.machine }).first else { continue }
        deliveries.append(
          Delivery(
            arrival: arrival, message: message, machine: machine, points: points, route: routes[source: match.source],
            isDuplicate: isDuplicate))
      }
    }
    return deliveries
  }

  private func isDuplicate(_ message: Message) -> Bool {
    guard message.qos > 0 else { return false }
    let digest = message.payload.withUnsafeBytes { Digest64.of($0, seed: Digest64.of(message.topic)) }
    return ring.isDuplicate(mid: message.messageID, digest: digest, isRedelivered: message.isRedelivered)
  }

  private func destination(of topic: String) -> Result<(source: Int, points: [PointID]), QuarantineReason> {
    guard let match = routes.match(topic) else { return .failure(.noSource) }
    guard let points = match.points else { return .failure(.invalidName) }
    return .success((match.source, points))
  }

  /// `nil` for a point that would be one too many.
  private func admit(_ point: PointID) -> PointID? {
    guard !points.contains(point) else { return point }
    guard points.count < maxPoints else { return nil }
    points.insert(point)
    return point
  }

  // MARK: from point to outcome

  private func work(through deliveries: [Delivery], at now: UnixTime) -> [PointOutcome] {
    var shares = [[Delivery]](repeating: [], count: workers.count)
    for delivery in deliveries { shares[index(of: delivery.machine)].append(delivery) }
    for (worker, share) in zip(workers, shares) {
      worker.noteSilence(at: now)
      worker.give(share)
    }
    if deliveries.count < Self.worthSharing {
      for worker in workers { worker.work(at: now) }
    } else {
      DispatchQueue.concurrentPerform(iterations: workers.count) { [workers] in workers[$0].work(at: now) }
    }
    return workers.flatMap { $0.collect() }
  }

  /// Waking other cores costs more than a few frames do.
  private static let worthSharing = 16

  /// The same at every start and on every gateway: a machine never changes its worker, so that its points may share what one of
  /// its messages says (docs/decisions/speed-by-time.md).
  static func index(of machine: String, among count: Int) -> Int { Int(Digest64.of(machine) % UInt64(count)) }

  private func index(of machine: String) -> Int { Self.index(of: machine, among: workers.count) }

  func worker(of point: PointID) -> PointWorker { workers[index(of: point.machine)] }

  // MARK: what people decided

  /// Neither told to stop nor out of service.
  func mayLearn(_ point: PointID) -> Bool { learningStops[point] == nil && suppressions[point]?.reason != .outOfService }

  func isStored(alarm id: String) -> Bool { findAlarm(id) }
}

/// A message on its way to its machine's points.
struct Delivery: Sendable {
  let arrival: Int
  let message: Message
  let machine: String
  /// One for each channel that is read; `nil`: it is counted under `unassigned`.
  let points: [PointID?]
  let route: Route
  /// Delivered again by the broker, and committed before.
  let isDuplicate: Bool
}

extension QuarantineReason: Error {}

extension Ledger {
  /// One frame that belongs to no point; `nil`: because it came before.
  fileprivate mutating func count(_ reason: QuarantineReason?) {
    received += 1
    if let reason { quarantined[reason, default: 0] += 1 } else { duplicate += 1 }
  }
}
