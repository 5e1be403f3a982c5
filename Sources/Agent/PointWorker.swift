import Anomaly
import MQTT
import Payloads
import Signal
import Synchronization

/// Decodes and decides for the points that belong to it. Worked on by one thread at a time, whichever that is.
final class PointWorker: Sendable {
  private let settings: PointSettingsBook
  private let state: Mutex<State>

  private struct State {
    var pipelines: [PointID: PointPipeline] = [:]
    var restored: [PointID: RestoredPoint] = [:]
    let analyzers = Analyzers()
    var waiting: [Delivery] = []
    var outcomes: [PointID: PointOutcome] = [:]
    var jobs: [TrainingJob] = []
    /// Points that learn nothing, by somebody's word.
    var learningStopped: Set<PointID> = []
  }

  init(settings: PointSettingsBook) {
    self.settings = settings
    state = Mutex(State())
  }

  /// What the point goes on from when its next frame comes: only then is it known which source it is read from.
  func restore(_ point: RestoredPoint, of id: PointID) { state.withLock { $0.restored[id] = point } }

  func sessionLost() {
    state.withLock { state in for pipeline in state.pipelines.values { pipeline.sessionLost() } }
  }

  /// From now on the point's learned detectors speak.
  func install(_ model: Model, for point: PointID, at now: UnixTime) {
    state.withLock { state in
      guard let pipeline = state.pipelines[point] else { return }
      var outcome = state.outcomes[point] ?? pipeline.begin()
      pipeline.install(model, at: now, into: &outcome)
      state.outcomes[point] = outcome
    }
  }

  /// Looks for points that have been silent for longer than their source promises.
  func noteSilence(at now: UnixTime) {
    state.withLock { state in
      for (point, pipeline) in state.pipelines {
        var outcome = state.outcomes[point] ?? pipeline.begin()
        if pipeline.noteSilence(at: now, into: &outcome) { state.outcomes[point] = outcome }
      }
    }
  }

  /// Baselines that have become complete, each once.
  func takeTraining() -> [TrainingJob] {
    state.withLock { state in
      defer { state.jobs = [] }
      return state.jobs
    }
  }

  func give(_ deliveries: [Delivery]) { state.withLock { $0.waiting = deliveries } }

  /// Takes what was given, in order of arrival.
  func work(at now: UnixTime) {
    state.withLock { state in
      for delivery in state.waiting { take(delivery, at: now, &state) }
      state.waiting = []
    }
  }

  /// What the work came to, a row a point.
  func collect() -> [PointOutcome] {
    state.withLock { state in
      defer { state.outcomes.removeAll(keepingCapacity: true) }
      return state.outcomes.values.sorted { $0.point < $1.point }
    }
  }

  private func take(_ delivery: Delivery, at now: UnixTime, _ state: inout State) {
    let pipeline = pipeline(of: delivery, &state)
    var outcome = state.outcomes[delivery.point] ?? pipeline.begin()
    switch frame(in: delivery, at: now) {
    case nil: pipeline.duplicate(into: &outcome)
    case .failure(let reason)?: pipeline.quarantine(reason, into: &outcome)
    case .success(let frame)?: pipeline.take(frame, arrival: delivery.arrival, into: &outcome)
    }
    state.outcomes[delivery.point] = outcome
    if let job = pipeline.takeTraining() { state.jobs.append(job) }
  }

  private func pipeline(of delivery: Delivery, _ state: inout State) -> PointPipeline {
    if let known = state.pipelines[delivery.point] { return known }
    let made = PointPipeline(
      point: delivery.point, settings: settings.settings(of: delivery.point, from: delivery.route.source),
      restored: state.restored.removeValue(forKey: delivery.point), analyzers: state.analyzers)
    made.mayLearn = !state.learningStopped.contains(delivery.point)
    state.pipelines[delivery.point] = made
    return made
  }

  /// `nil` when it came before.
  private func frame(in delivery: Delivery, at now: UnixTime) -> Result<Frame, QuarantineReason>? {
    if delivery.isDuplicate { return nil }
    if delivery.message.isOversize { return .failure(.tooLarge) }
    do throws(PayloadError) {
      return .success(try delivery.route.decoder.decode(delivery.message.payload, receivedAt: now))
    } catch {
      return .failure(QuarantineReason(error))
    }
  }
}

// MARK: - What people decide

extension PointWorker {
  /// As it stands; `nil` for a point that has not sent anything.
  func state(of point: PointID) -> PointState? {
    state.withLock { $0.pipelines[point]?.state ?? $0.restored[point]?.state }
  }

  func mayLearn(_ may: Bool, _ point: PointID) {
    state.withLock { state in
      if may { state.learningStopped.remove(point) } else { state.learningStopped.insert(point) }
      state.pipelines[point]?.mayLearn = may
    }
  }

  /// The point's next window tells its verdict even if that stays as it is.
  func tellAgain(_ point: PointID) { state.withLock { $0.pipelines[point]?.tellAgain() } }

  /// Windows and model are gone; what it comes to.
  func forgetBaseline(of point: PointID) -> PointOutcome {
    state.withLock { state in
      state.jobs.removeAll { $0.point == point }
      if let pipeline = state.pipelines[point] {
        var outcome = pipeline.begin()
        pipeline.forgetBaseline(into: &outcome)
        return outcome
      }
      var restored = state.restored[point] ?? RestoredPoint(state: PointState())
      restored.state.forgetBaseline()
      (restored.baseline, restored.model) = ([], nil)
      state.restored[point] = restored
      return PointOutcome(point: point, state: restored.state)
    }
  }
}

extension QuarantineReason {
  fileprivate init(_ error: PayloadError) {
    self =
      switch error {
      case .emptyPayload: .emptyPayload
      case .wrongLength: .wrongLength
      case .malformed: .malformed
      case .wrongUnit: .wrongUnit
      case .wrongRate: .wrongRate
      }
  }
}
