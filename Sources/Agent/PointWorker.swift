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

  /// One message is a frame of each of its channels' points: counted in each one's ledger, acknowledged after all are committed.
  private func take(_ delivery: Delivery, at now: UnixTime, _ state: inout State) {
    let measured = measurements(in: delivery, at: now)
    for (index, point) in delivery.points.enumerated() {
      guard let point else { continue }
      let pipeline = pipeline(of: point, delivery.route, &state)
      var outcome = state.outcomes[point] ?? pipeline.begin()
      switch measured {
      case nil: pipeline.duplicate(into: &outcome)
      case .failure(let reason)?: pipeline.quarantine(reason, into: &outcome)
      case .success(let all)?: hand(all[index], to: pipeline, delivery.arrival, &outcome)
      }
      state.outcomes[point] = outcome
      if let job = pipeline.takeTraining() { state.jobs.append(job) }
    }
  }

  private func hand(_ measurement: Measurement, to pipeline: PointPipeline, _ arrival: Int, _ outcome: inout PointOutcome) {
    switch measurement {
    case .waveform(let frame): pipeline.take(frame, arrival: arrival, into: &outcome)
    case .reading: pipeline.quarantine(.wrongUnit, into: &outcome)
    case .unusable(let error): pipeline.quarantine(QuarantineReason(error), into: &outcome)
    }
  }

  private func pipeline(of point: PointID, _ route: Route, _ state: inout State) -> PointPipeline {
    if let known = state.pipelines[point] { return known }
    let made = PointPipeline(
      point: point, settings: settings.settings(of: point, from: route.source),
      restored: state.restored.removeValue(forKey: point), analyzers: state.analyzers)
    state.pipelines[point] = made
    return made
  }

  /// `nil` when it came before.
  private func measurements(in delivery: Delivery, at now: UnixTime) -> Result<[Measurement], QuarantineReason>? {
    if delivery.isDuplicate { return nil }
    if delivery.message.isOversize { return .failure(.tooLarge) }
    do throws(PayloadError) {
      return .success(try delivery.route.decoder.decode(delivery.message.payload, receivedAt: now))
    } catch {
      return .failure(QuarantineReason(error))
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
      case .noPulses: .noPulses
      }
  }
}
