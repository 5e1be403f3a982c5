import Signal

/// All of check, window, features, detect and decide for one point. Pure: the same frames give the same outcomes.
/// Belongs to one worker and is used by one thread at a time.
package final class PointPipeline {
  package let point: PointID
  package private(set) var state: PointState

  private let settings: PointSettings
  private var order: SourceOrder
  private var stream: SampleStream?
  private var judge: WindowJudge
  private let analyzers: Analyzers
  private var faults = FaultRun()
  private var speedRPM: Double?
  /// When the newest frame came; before the first one, when it was first asked for.
  private var receivedAt: UnixTime?
  /// What the standing alarm was explained by; more of it is told again.
  private var grounds = Grounds()
  private var diagnoses = Diagnoses()
  private var mustTellAgain = false
  private var delivered: DeliveredJudge?
  private var isAskedForWaveform = false
  /// What the restored state says was pending, until it is booked.
  private var pendingBeforeRestart: Int

  /// - Parameter analyzers: the worker's.
  package init(point: PointID, settings: PointSettings, restored: RestoredPoint? = nil, analyzers: Analyzers) {
    self.point = point
    self.settings = settings
    state = restored?.state ?? PointState()
    order = SourceOrder(
      sequences: restored?.sequences ?? SequenceRanges(), newestCapture: state.lastFrameAt,
      newestDigest: restored?.state.lastSampleDigest, expectedIntervalSeconds: settings.expectedIntervalSeconds)
    self.analyzers = analyzers
    judge = WindowJudge(point: point, settings: settings, restored: restored, analyzers: analyzers)
    pendingBeforeRestart = state.pendingFrames
  }

  /// The shaft's lines along the shaft, for the machine's radial points: each new block's once. `nil` for other points.
  package func takeAxialLines() -> ShaftLines? { judge.takeAxialLines() }

  /// An outcome to hand to the calls of one batch.
  package func begin() -> PointOutcome { PointOutcome(point: point, state: state) }

  /// Takes one decoded frame through to the decision.
  /// - Parameters:
  ///   - arrival: position of its message in the batch.
  ///   - machine: what the machine's other points said last.
  package func take(_ frame: Frame, arrival: Int, machine: MachineReadings? = nil, into outcome: inout PointOutcome) {
    resume(into: &outcome)
    judge.machine = machine
    outcome.ledger.received += 1
    receivedAt = frame.receivedAt
    let place = order.place(of: frame)
    switch place {
    case .again: outcome.ledger.duplicate += 1
    case .late: refuse(frame, at: place, .late, arrival, &outcome)
    case .jumped: refuse(frame, at: place, .clockJump, arrival, &outcome)
    case .next, .anew:
      if let reason = fault(of: frame) {
        refuse(frame, at: place, reason, arrival, &outcome)
      } else {
        accept(frame, at: place, arrival, &outcome)
      }
    }
    outcome.state = state
  }

  /// Books a message of this point that could not be decoded.
  package func quarantine(_ reason: QuarantineReason, into outcome: inout PointOutcome) {
    resume(into: &outcome)
    outcome.ledger.received += 1
    outcome.ledger.quarantined[reason, default: 0] += 1
    order.interrupt()
    outcome.state = state
  }

  /// Books a message that the broker delivered again and that is committed already.
  package func duplicate(into outcome: inout PointOutcome) {
    resume(into: &outcome)
    outcome.ledger.received += 1
    outcome.ledger.duplicate += 1
    outcome.state = state
  }

  /// Books as dropped what waited in a half-filled window when the process ended; every other call does it too.
  package func resume(into outcome: inout PointOutcome) {
    guard pendingBeforeRestart > 0 else { return }
    drop(pendingBeforeRestart, .restart, &outcome)
    pendingBeforeRestart = 0
    outcome.state = state
  }

  /// The broker forgot our session: order of delivery proves nothing across this moment.
  package func sessionLost() { order.interrupt() }

  package func clockLeapt(bySeconds seconds: Double) { receivedAt = receivedAt?.advanced(bySeconds: seconds) }

  /// To be called now and then: a point that was silent for longer than its source promises decides nothing any more.
  /// - Returns: whether the outcome has something to store.
  package func noteSilence(at now: UnixTime, into outcome: inout PointOutcome) -> Bool {
    let since = receivedAt ?? now
    receivedAt = since
    guard let promised = settings.staleAfterSeconds, now.seconds(since: since) > promised, state.verdict != .abstain(.stale)
    else {
      return false
    }
    change(to: .abstain(.stale), at: now, arrival: 0, &outcome)
    return true
  }

  /// The baseline, once it is complete: to be run on another thread, its model handed to `install`. Handed out once.
  package func takeTraining() -> TrainingJob? { judge.takeTraining() }

  /// From now on the learned detectors speak.
  package func install(_ model: PointModel, at time: UnixTime, into outcome: inout PointOutcome) {
    judge.install(model, into: &state)
    let report = BaselineReport(
      windows: state.baseline.windows, modelVersion: model.version, uncalibrated: model.isUncalibrated)
    outcome.occurrences.append(Occurrence(arrival: 0, time: time, subject: point.description, kind: .baselineReady(report)))
    outcome.state = state
  }
}

// MARK: - Delivered models

extension PointPipeline {
  /// From the next window on it speaks in the learned model's place; `nil`: that one again.
  package func deliver(_ judge: DeliveredJudge?, into outcome: inout PointOutcome) {
    self.judge.deliver(judge, into: &state)
    delivered = judge
    outcome.state = state
  }

  package var tap: (any WindowTap)? {
    get { judge.tap }
    set { judge.tap = newValue }
  }
}

// MARK: - What people decide

extension PointPipeline {
  package var mayLearn: Bool {
    get { judge.mayLearn }
    set { judge.mayLearn = newValue }
  }

  /// Somebody said of an alarm of this point what it was.
  package func label(score: Double, isFault: Bool, at time: UnixTime, into outcome: inout PointOutcome) {
    outcome.watch = judge.label(score: score, isFault: isFault, at: time) ?? outcome.watch
  }

  package var baselineWindows: Int { settings.baselineWindows }

  package func tellAgain() { mustTellAgain = true }

  package func forgetBaseline(into outcome: inout PointOutcome) {
    state.forgetBaseline()
    let mayLearn = judge.mayLearn
    let tap = judge.tap
    judge = WindowJudge(point: point, settings: settings, restored: RestoredPoint(state: state), analyzers: analyzers)
    (judge.mayLearn, judge.tap) = (mayLearn, tap)
    judge.deliver(delivered, into: &state)
    grounds = Grounds()
    outcome.state = state
  }
}

// MARK: - What people look at

extension PointPipeline {
  /// The newest samples at hand, at most so many; `nil` before the first frame, and after a gap.
  package func latestSamples(atMost limit: Int) -> LatestSamples? {
    guard let stream, case let samples = stream.latest(atMost: limit), !samples.isEmpty else { return nil }
    return LatestSamples(
      samples: samples, sampleRateHz: stream.sampleRateHz, unit: stream.unit, time: state.lastFrameAt,
      speedRPM: speedRPM ?? settings.speedRPM, bearing: settings.bearing)
  }
}

// MARK: - From frame to window

extension PointPipeline {
  private static let shortestWindow = WindowShape.minimumSampleCount

  private func fault(of frame: Frame) -> QuarantineReason? {
    if let declared = settings.sampleRateHz, abs(frame.sampleRateHz - declared) > declared * 1e-6 { return .wrongRate }
    if windowSamples(of: frame) < Self.shortestWindow { return .wrongLength }
    let fault = SampleChecks.fault(
      in: frame, previousDigest: order.newestDigest, measuringRange: settings.measuringRange, thresholds: settings.checks)
    return fault.flatMap { QuarantineReason(rawValue: $0.rawValue) }
  }

  private func refuse(
    _ frame: Frame, at place: SourceOrder.Place, _ reason: QuarantineReason, _ arrival: Int, _ outcome: inout PointOutcome
  ) {
    outcome.ledger.quarantined[reason, default: 0] += 1
    note(order.pass(frame, at: place), &outcome)
    guard faults.stands(after: reason), state.verdict != .abstain(.sensorFault) else { return }
    change(to: .abstain(.sensorFault), at: frame.receivedAt, arrival: arrival, &outcome)
    tell(.sensorFault(SensorReport(reason: reason.rawValue)), frame, arrival, &outcome)
  }

  private func accept(_ frame: Frame, at place: SourceOrder.Place, _ arrival: Int, _ outcome: inout PointOutcome) {
    faults = FaultRun()
    note(order.take(frame, at: place), &outcome)
    prepareStream(for: frame, joins: place == .next(joins: true), &outcome)
    state.lastFrameAt = frame.startTime ?? frame.receivedAt
    speedRPM = frame.speedRPM
    state.lastSampleDigest = frame.sampleDigest
    wait(1, &outcome)
    frame.samples.withUnsafeBufferPointer { samples in
      var offset = 0
      while offset < samples.count, let taken = stream?.take(UnsafeBufferPointer(rebasing: samples[offset...])) {
        offset += taken
        decideWhatIsFull(frame, arrival, &outcome)
      }
    }
  }

  private func note(_ missing: Int, _ outcome: inout PointOutcome) {
    outcome.ledger.missing += missing
    if !order.sequences.ranges.isEmpty { outcome.sequences = order.sequences }
  }

  /// Starts afresh where the frame does not follow what is held.
  private func prepareStream(for frame: Frame, joins: Bool, _ outcome: inout PointOutcome) {
    let count = windowSamples(of: frame)
    let fits = stream.map { $0.window.count == count && $0.sampleRateHz == frame.sampleRateHz && $0.unit == frame.unit } ?? false
    if joins, fits, !standsAlone(frame) { return }
    drop(state.pendingFrames, .gap, &outcome)
    if fits {
      stream?.clear()
    } else {
      let (hop, blockSeconds) = (min(count, settings.hopSamples), settings.blockSeconds)
      stream = SampleStream(
        windowSamples: count, hopSamples: hop, blockSeconds: blockSeconds, diagnosis: settings.diagnosis(of: frame),
        sampleRateHz: frame.sampleRateHz, unit: frame.unit)
      stream?.fillsBlocks = !standsAlone(frame) || frame.durationSeconds >= blockSeconds
    }
  }

  /// Frames that come with long pauses do not join; a shorter one than a window is its own window.
  private func windowSamples(of frame: Frame) -> Int {
    (standsAlone(frame) ? min(settings.windowSamples, frame.samples.count) : settings.windowSamples) & ~1
  }

  private func standsAlone(_ frame: Frame) -> Bool {
    settings.expectedIntervalSeconds.map { $0 > 1.5 * frame.durationSeconds } ?? false
  }

  private func wait(_ frames: Int, _ outcome: inout PointOutcome) {
    state.pendingFrames += frames
    outcome.ledger.pending += frames
  }

  private func drop(_ frames: Int, _ reason: DropReason, _ outcome: inout PointOutcome) {
    guard frames > 0 else { return }
    wait(-frames, &outcome)
    outcome.ledger.dropped[reason, default: 0] += frames
  }
}

// MARK: - From window to verdict

extension PointPipeline {
  private func decideWhatIsFull(_ frame: Frame, _ arrival: Int, _ outcome: inout PointOutcome) {
    guard let stream else { return }
    if stream.block.count > 0, stream.block.isFull {
      judge.measureSeverity(stream, frame, &state)
      self.stream?.blockTaken()
    }
    if stream.window.isFull {
      outcome.ledger.analysed += state.pendingFrames
      wait(-state.pendingFrames, &outcome)
      decide(stream, frame, arrival, &outcome)
      self.stream?.windowTaken()
    }
  }

  private func decide(_ stream: SampleStream, _ frame: Frame, _ arrival: Int, _ outcome: inout PointOutcome) {
    let before = state.verdict
    let learned = outcome.baseline.count
    judge.decide(stream, frame, &state, &outcome)
    if outcome.baseline.count > learned, let index = outcome.baseline.last?.index, index.isMultiple(of: Self.healthyEvery) {
      keep(.healthy, stream, frame, spectrum: nil, &outcome)
    }
    if isAskedForWaveform {
      isAskedForWaveform = false
      keep(.asked, stream, frame, spectrum: nil, &outcome)
    }
    let isDiagnosable = stream.holds(settings.diagnosis(speedRPM: frame.speedRPM))
    let hasGrown = grounds.have(grown: state, isChanged: judge.isChanged, isDiagnosable: isDiagnosable)
    let isNews = hasGrown || state.verdict != before || mustTellAgain
    guard isNews || (isDiagnosable && diagnoses.isDue(stream, state.verdict)) else { return }
    let explanation = judge.explanation(stream, frame, state)
    guard diagnoses.isNews(explanation.fault) || isNews else { return }
    mustTellAgain = false
    if before == .abstain(.sensorFault) { tell(.sensorRecovered(SensorReport(reason: "usable again")), frame, arrival, &outcome) }
    outcome.changes.append(
      VerdictChange(
        arrival: arrival, time: frame.receivedAt, point: point, verdict: state.verdict, explanation: explanation))
    if let cause = Self.cause(before, state.verdict) { keep(cause, stream, frame, spectrum: explanation.spectrum, &outcome) }
  }

  /// Windows of a baseline from one whose waveform is kept to the next.
  private static let healthyEvery = 64

  private static func cause(_ before: Verdict, _ now: Verdict) -> WaveformSnapshot.Cause? {
    switch now {
    case .alarm: .alarm
    case .warning: .warning
    case .normal where before == .alarm || before == .warning: .recovered
    default: nil
    }
  }

  private func keep(
    _ cause: WaveformSnapshot.Cause, _ stream: SampleStream, _ frame: Frame, spectrum: Explanation.EnvelopeSpectrum?,
    _ outcome: inout PointOutcome
  ) {
    let samples = analyzers.waveform(of: stream, most: WaveformSnapshot.mostSamples)
    outcome.waveforms.append(
      WaveformSnapshot(
        point: point, cause: cause, time: frame.receivedAt, samples: samples, sampleRateHz: stream.sampleRateHz,
        unit: stream.unit,
        speedRPM: frame.speedRPM, spectrum: spectrum))
  }

  /// The next window that is judged is kept with its waveform.
  package func askForWaveform() { isAskedForWaveform = true }

  /// A change that no window brought about.
  private func change(to verdict: Verdict, at time: UnixTime, arrival: Int, _ outcome: inout PointOutcome) {
    state.verdict = verdict
    outcome.changes.append(
      VerdictChange(arrival: arrival, time: time, point: point, verdict: verdict, explanation: .undecided(verdict)))
    outcome.state = state
  }

  private func tell(_ kind: Occurrence.Kind, _ frame: Frame, _ arrival: Int, _ outcome: inout PointOutcome) {
    outcome.occurrences.append(Occurrence(arrival: arrival, time: frame.receivedAt, subject: point.description, kind: kind))
  }
}

/// Frames in a row whose samples no working sensor delivers.
private struct FaultRun {
  private var count = 0

  /// - Returns: whether it has been long enough to be the sensor's fault and not a disturbance.
  mutating func stands(after reason: QuarantineReason) -> Bool {
    switch reason {
    case .notFinite, .clipped, .stuck, .dropout, .spikes, .range, .bias: count += 1
    default: break
    }
    return count >= 3
  }
}
