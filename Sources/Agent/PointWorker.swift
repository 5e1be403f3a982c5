import Anomaly
import Configuration
import MQTT
import Payloads
import Signal
import Synchronization

/// Decodes and decides for the points that belong to it. Worked on by one thread at a time, whichever that is.
final class PointWorker: Sendable {
  private let settings: PointSettingsBook
  private let models: ModelDesk?
  private let state: Mutex<State>

  private struct State {
    var pipelines: [PointID: any Pipeline] = [:]
    var readings: [String: MachineReadings] = [:]
    var restored: [PointID: RestoredPoint] = [:]
    let analyzers = Analyzers()
    var waiting: [Delivery] = []
    var outcomes: [PointID: PointOutcome] = [:]
    var jobs: [TrainingJob] = []
    /// Points that learn nothing, by somebody's word.
    var learningStopped: Set<PointID> = []
  }

  /// - Parameter models: `nil`: no delivered model runs.
  init(settings: PointSettingsBook, models: ModelDesk? = nil) {
    (self.settings, self.models) = (settings, models)
    state = Mutex(State())
  }

  /// What the point goes on from when its next frame comes: then at the latest is it known which source it is read from.
  func restore(_ point: RestoredPoint, of id: PointID) { state.withLock { $0.restored[id] = point } }

  /// The point's next frame can only come from this source: if none comes, its silence is noticed.
  func expect(_ point: PointID, _ channel: PayloadFormat.Channel, from source: ThrumConfig.Source) {
    state.withLock { _ = pipeline(of: point, channel, source, &$0) }
  }

  func clockLeapt(bySeconds seconds: Double) {
    state.withLock { state in for pipeline in state.pipelines.values { pipeline.clockLeapt(bySeconds: seconds) } }
  }

  func sessionLost() {
    state.withLock { state in for pipeline in state.pipelines.values { pipeline.sessionLost() } }
  }

  /// From now on the point's learned detectors speak.
  func install(_ model: PointModel, for point: PointID, at now: UnixTime) {
    state.withLock { state in
      guard let pipeline = state.pipelines[point] as? PointPipeline else { return }
      var outcome = state.outcomes[point] ?? pipeline.begin()
      pipeline.install(model, at: now, into: &outcome)
      state.outcomes[point] = outcome
    }
  }

  /// From the point's next window on this delivered model speaks; `nil`: what it has learned itself.
  func deliver(_ model: LoadedModel?, to point: PointID) {
    state.withLock { state in
      guard let pipeline = state.pipelines[point] as? PointPipeline else { return }
      var outcome = state.outcomes[point] ?? pipeline.begin()
      pipeline.deliver(model?.judge(), into: &outcome)
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
    if case .success(let all)? = measured { note(all, delivery, &state) }
    for (index, point) in delivery.points.enumerated() {
      guard let point else { continue }
      let pipeline = pipeline(of: point, delivery.route.channels[index], delivery.route.source, &state)
      var outcome = state.outcomes[point] ?? pipeline.begin()
      switch measured {
      case nil: pipeline.duplicate(into: &outcome)
      case .failure(let reason)?: pipeline.quarantine(reason, into: &outcome)
      case .success(let all)?: hand(all[index], to: pipeline, delivery, state.readings[delivery.machine], &outcome)
      }
      state.outcomes[point] = outcome
      if let waveform = pipeline as? PointPipeline {
        state.readings[delivery.machine, default: MachineReadings()].take(waveform.state.operatingState, at: now)
      }
      if let lines = (pipeline as? PointPipeline)?.takeAxialLines() {
        state.readings[delivery.machine, default: MachineReadings()].axial = .init(lines: lines, receivedAt: now)
      }
      if let job = (pipeline as? PointPipeline)?.takeTraining() { state.jobs.append(job) }
    }
  }

  /// What the machine's scalars say, before its waveforms are judged.
  private func note(_ measured: [Measurement], _ delivery: Delivery, _ state: inout State) {
    for measurement in measured {
      guard let reading = measurement.saidOfMachine else { continue }
      state.readings[delivery.machine, default: MachineReadings()].take(
        reading, expectedIntervalSeconds: delivery.route.source.expectedIntervalSeconds)
    }
  }

  private func hand(
    _ measurement: Measurement, to pipeline: any Pipeline, _ delivery: Delivery, _ readings: MachineReadings?,
    _ outcome: inout PointOutcome
  ) {
    switch (measurement, pipeline) {
    case (.waveform(var frame), let pipeline as PointPipeline):
      frame.speedRPM = frame.speedRPM ?? readings?.speedRPM(at: frame)
      pipeline.take(frame, arrival: delivery.arrival, machine: readings, into: &outcome)
    case (.reading(let reading), let pipeline as ScalarPipeline):
      pipeline.take(reading, arrival: delivery.arrival, machine: readings, into: &outcome)
    case (.unusable(let error), _): pipeline.quarantine(QuarantineReason(error), into: &outcome)
    // Two sources name one point and measure different things.
    case (.waveform, _), (.reading, _): pipeline.quarantine(.wrongUnit, into: &outcome)
    }
  }

  private func pipeline(
    of point: PointID, _ channel: PayloadFormat.Channel, _ source: ThrumConfig.Source, _ state: inout State
  ) -> any Pipeline {
    if let known = state.pipelines[point] { return known }
    let restored = state.restored.removeValue(forKey: point)
    let made: any Pipeline
    switch channel.measures {
    case .waveform:
      made = PointPipeline(
        point: point, settings: settings.settings(of: point, from: source), restored: restored, analyzers: state.analyzers)
    case .scalar(let quantity, _):
      made = ScalarPipeline(
        point: point, settings: settings.scalarSettings(of: point, quantity, from: source), restored: restored)
    case .pulses:
      made = ScalarPipeline(point: point, settings: settings.scalarSettings(of: point, .speed, from: source), restored: restored)
    }
    made.mayLearn = !state.learningStopped.contains(point)
    if let models, let pipeline = made as? PointPipeline {
      pipeline.tap = models.tap(of: point)
      var outcome = state.outcomes[point] ?? pipeline.begin()
      pipeline.deliver(models.speaking(at: point)?.judge(), into: &outcome)
    } else if made is ScalarPipeline {
      models?.note(scalar: point)
    }
    state.pipelines[point] = made
    shareBudget(ofMachine: point.machine, &state)
    return made
  }

  /// A machine's points are all of this worker; topics may bring more of them than are declared.
  private func shareBudget(ofMachine machine: String, _ state: inout State) {
    let pipelines = state.pipelines.filter { $0.key.machine == machine }
    let waiting = state.restored.keys.count { $0.machine == machine }
    let budget = settings.budget(ofMachine: machine, heardPoints: pipelines.count + waiting)
    for case let pipeline as PointPipeline in pipelines.values { pipeline.allow(budget) }
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

// MARK: - What people look at

extension PointWorker {
  /// From any thread: copied while no frame is being judged.
  func latestSamples(of point: PointID, atMost limit: Int) -> LatestSamples? {
    state.withLock { ($0.pipelines[point] as? PointPipeline)?.latestSamples(atMost: limit) }
  }

  /// The newest value of each point that is a scalar.
  func latestReadings() -> [PointID: Reading] {
    state.withLock { $0.pipelines.compactMapValues { ($0 as? ScalarPipeline)?.latest } }
  }

  /// Of each point that has learned and was looked at since the start.
  func driftFigures() -> [PointID: DriftFigures] {
    state.withLock { $0.pipelines.compactMapValues { ($0 as? PointPipeline)?.driftFigures } }
  }
}

// MARK: - What people decide

extension PointWorker {
  /// As it stands; `nil` for a point that has not sent anything.
  func state(of point: PointID) -> PointState? {
    state.withLock { $0.pipelines[point]?.state ?? $0.restored[point]?.state }
  }

  /// `nil` for a point that has not sent anything since the start.
  func baselineWindows(of point: PointID) -> Int? { state.withLock { $0.pipelines[point]?.baselineWindows } }

  /// What an alarm's label comes to; `nil` for a point that has not sent anything since the start, or does not learn.
  func label(_ point: PointID, score: Double, isFault: Bool, at now: UnixTime) -> PointOutcome? {
    state.withLock { state in
      guard let pipeline = state.pipelines[point] as? PointPipeline else { return nil }
      var outcome = pipeline.begin()
      pipeline.label(score: score, isFault: isFault, at: now, into: &outcome)
      return outcome.watch == nil ? nil : outcome
    }
  }

  func mayLearn(_ may: Bool, _ point: PointID) {
    state.withLock { state in
      if may { state.learningStopped.remove(point) } else { state.learningStopped.insert(point) }
      state.pipelines[point]?.mayLearn = may
    }
  }

  /// The point's next window tells its verdict even if that stays as it is.
  func tellAgain(_ point: PointID) { state.withLock { $0.pipelines[point]?.tellAgain() } }

  /// - Returns: false for a point whose waveforms have not come since the start.
  func askForWaveform(of point: PointID) -> Bool {
    state.withLock { state in
      guard let pipeline = state.pipelines[point] as? PointPipeline else { return false }
      pipeline.askForWaveform()
      return true
    }
  }

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
