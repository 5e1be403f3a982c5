import Signal

/// All of check, window, features, detect and decide for one point. Pure: the same frames give the same outcomes.
/// Belongs to one worker and is used by one thread at a time.
package final class PointPipeline {
  package let point: PointID
  package private(set) var state: PointState

  private let settings: PointSettings
  private let analyzers: Analyzers
  private var order: SourceOrder
  private var stream: SampleStream?
  private var severity: SeverityRule
  private var faults = FaultRun()
  private var trendAt: UnixTime?
  /// What the restored state says was pending, until it is booked.
  private var pendingBeforeRestart: Int

  /// - Parameter analyzers: the worker's.
  package init(point: PointID, settings: PointSettings, restored: RestoredPoint? = nil, analyzers: Analyzers) {
    self.point = point
    self.settings = settings
    self.analyzers = analyzers
    state = restored?.state ?? PointState()
    order = SourceOrder(
      sequences: restored?.sequences ?? SequenceRanges(), newestCapture: state.lastFrameAt,
      newestDigest: restored?.state.lastSampleDigest)
    severity = SeverityRule(zone: settings.severity == nil ? nil : state.zone)
    pendingBeforeRestart = state.pendingFrames
  }

  /// An outcome to hand to the calls of one batch.
  package func begin() -> PointOutcome { PointOutcome(point: point, state: state) }

  /// Takes one decoded frame through to the decision.
  /// - Parameter arrival: position of its message in the batch.
  package func take(_ frame: Frame, arrival: Int, into outcome: inout PointOutcome) {
    resume(into: &outcome)
    outcome.ledger.received += 1
    let place = order.place(of: frame)
    switch place {
    case .again: outcome.ledger.duplicate += 1
    case .late: refuse(frame, at: place, .late, arrival, &outcome)
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

  /// The broker forgot our session: order of delivery proves nothing across this moment.
  package func sessionLost() { order.interrupt() }

  /// Books as dropped what waited in a half-filled window when the process ended; every other call does it too.
  package func resume(into outcome: inout PointOutcome) {
    guard pendingBeforeRestart > 0 else { return }
    drop(pendingBeforeRestart, .restart, &outcome)
    pendingBeforeRestart = 0
    outcome.state = state
  }
}

// MARK: - From frame to window

extension PointPipeline {
  private func fault(of frame: Frame) -> QuarantineReason? {
    if let declared = settings.sampleRateHz, abs(frame.sampleRateHz - declared) > declared * 1e-6 { return .wrongRate }
    if windowSamples(of: frame) < Self.shortestWindow { return .wrongLength }
    return nil
  }

  private func refuse(
    _ frame: Frame, at place: SourceOrder.Place, _ reason: QuarantineReason, _ arrival: Int, _ outcome: inout PointOutcome
  ) {
    outcome.ledger.quarantined[reason, default: 0] += 1
    note(order.pass(frame, at: place), &outcome)
  }

  private func accept(_ frame: Frame, at place: SourceOrder.Place, _ arrival: Int, _ outcome: inout PointOutcome) {
    note(order.take(frame, at: place), &outcome)
    prepareStream(for: frame, joins: place == .next(joins: true), &outcome)
    state.lastFrameAt = frame.startTime ?? frame.receivedAt
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
      let hop = min(count, settings.hopSamples)
      stream = SampleStream(windowSamples: count, hopSamples: hop, sampleRateHz: frame.sampleRateHz, unit: frame.unit)
    }
  }

  /// Frames that come with long pauses do not join; a shorter one than a window is its own window.
  private func windowSamples(of frame: Frame) -> Int {
    standsAlone(frame) ? min(settings.windowSamples, frame.samples.count & ~1) : settings.windowSamples
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

  private static let shortestWindow = 64
}

// MARK: - From window to verdict

extension PointPipeline {
  private func decideWhatIsFull(_ frame: Frame, _ arrival: Int, _ outcome: inout PointOutcome) {
    guard let stream else { return }
    if stream.block.count > 0, stream.block.isFull {
      measureSeverity(stream)
      self.stream?.blockTaken()
    }
    if stream.window.isFull {
      decide(stream, frame, arrival, &outcome)
      self.stream?.windowTaken()
    }
  }

  private func measureSeverity(_ stream: SampleStream) {
    state.velocityRMS = analyzers.velocityRMS(of: stream.block, sampleRateHz: stream.sampleRateHz, unit: stream.unit)
    guard let limits = settings.severity, let velocity = state.velocityRMS else { return }
    severity.take(velocityRMS: velocity, limits: limits)
    state.zone = severity.zone
  }

  private func decide(_ stream: SampleStream, _ frame: Frame, _ arrival: Int, _ outcome: inout PointOutcome) {
    outcome.ledger.analysed += state.pendingFrames
    wait(-state.pendingFrames, &outcome)
    stand(by: severity.verdict ?? .abstain(abstention), frame, arrival, &outcome)
  }

  private var abstention: AbstainReason {
    settings.severity == nil ? .noRuleApplies : .blockTooShort
  }

  /// Debounces a window's verdict; tells when the point's own changes.
  private func stand(by verdict: Verdict, _ frame: Frame, _ arrival: Int, _ outcome: inout PointOutcome) {
    state.debounce.push(verdict)
    let standing = verdict.reason == nil ? state.debounce.verdict(after: state.verdict, settings.debounce) : verdict
    guard standing != state.verdict else { return }
    state.verdict = standing
    outcome.changes.append(
      VerdictChange(arrival: arrival, time: frame.receivedAt, point: point, verdict: standing, explanation: explanation()))
  }

  private func explanation() -> Explanation {
    Explanation(
      words: "", decidedBy: ["zones"], zone: state.zone, velocityRmsMmS: state.velocityRMS, probability: nil, score: nil,
      uncalibrated: false, contributions: [], lines: [], spectrum: nil)
  }
}

/// How many frames in a row failed a check of the sensor's signal.
struct FaultRun: Sendable {
  var count = 0
}
