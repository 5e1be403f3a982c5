import Signal

/// From frame to window.
extension PointPipeline {
  static let shortestWindow = WindowShape.minimumSampleCount

  func fault(of frame: Frame, after order: SourceOrder) -> QuarantineReason? {
    if let declared = settings.sampleRateHz, abs(frame.sampleRateHz - declared) > declared * 1e-6 { return .wrongRate }
    if windowSamples(of: frame) < Self.shortestWindow { return .wrongLength }
    let fault = SampleChecks.fault(
      in: frame, previousDigest: order.newestDigest, measuringRange: settings.measuringRange, thresholds: settings.checks)
    return fault.flatMap { QuarantineReason(rawValue: $0.rawValue) }
  }

  func accept(_ frame: Frame, at place: SourceOrder.Place, _ arrival: Int, _ outcome: inout PointOutcome) {
    intake.take(frame, at: place, &outcome)
    prepareStream(for: frame, joins: place == .next(joins: true), &outcome)
    speedRPM = frame.speedRPM
    intake.wait(1, &outcome)
    frame.samples.withUnsafeBufferPointer { samples in
      var offset = 0
      while offset < samples.count, let taken = stream?.take(UnsafeBufferPointer(rebasing: samples[offset...])) {
        offset += taken
        decideWhatIsFull(frame, arrival, &outcome)
      }
    }
  }

  /// Starts afresh where the frame does not follow what is held.
  func prepareStream(for frame: Frame, joins: Bool, _ outcome: inout PointOutcome) {
    let count = windowSamples(of: frame)
    let fits = stream.map { $0.window.count == count && $0.sampleRateHz == frame.sampleRateHz && $0.unit == frame.unit } ?? false
    if joins, fits, !standsAlone(frame) { return }
    intake.drop(state.pendingFrames, .gap, &outcome)
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
  func windowSamples(of frame: Frame) -> Int {
    (standsAlone(frame) ? min(settings.windowSamples, frame.samples.count) : settings.windowSamples) & ~1
  }

  func standsAlone(_ frame: Frame) -> Bool {
    settings.expectedIntervalSeconds.map { $0 > 1.5 * frame.durationSeconds } ?? false
  }
}

// MARK: - From window to verdict

extension PointPipeline {
  func decideWhatIsFull(_ frame: Frame, _ arrival: Int, _ outcome: inout PointOutcome) {
    guard let stream else { return }
    if stream.block.count > 0, stream.block.isFull {
      judge.measureSeverity(stream, frame, &intake.state)
      self.stream?.blockTaken()
    }
    if stream.window.isFull {
      outcome.ledger.analysed += state.pendingFrames
      intake.wait(-state.pendingFrames, &outcome)
      decide(stream, frame, arrival, &outcome)
      self.stream?.windowTaken()
    }
  }

  func decide(_ stream: SampleStream, _ frame: Frame, _ arrival: Int, _ outcome: inout PointOutcome) {
    let before = state.verdict
    let learned = outcome.baseline.count
    judge.decide(stream, frame, &intake.state, &outcome)
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
    intake.tell(
      VerdictChange(arrival: arrival, time: frame.receivedAt, point: point, verdict: state.verdict, explanation: explanation),
      after: before, &outcome)
    if let cause = Self.cause(before, state.verdict), evidencePace.take(at: frame.receivedAt) {
      keep(cause, stream, frame, spectrum: explanation.spectrum, &outcome)
    }
  }

  /// Windows of a baseline from one whose waveform is kept to the next.
  static let healthyEvery = 64

  static func cause(_ before: Verdict, _ now: Verdict) -> WaveformSnapshot.Cause? {
    switch now {
    case .alarm: .alarm
    case .warning: .warning
    case .normal where before == .alarm || before == .warning: .recovered
    case .abstain(let reason) where reason.outweighsQuietRules && now != before: .abstained
    default: nil
    }
  }

  func keep(
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
}
