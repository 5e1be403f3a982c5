import Signal

/// All of check, window, features, detect and decide for one point. Pure: the same frames give the same outcomes.
/// Belongs to one worker and is used by one thread at a time.
package final class PointPipeline {
  package let point: PointID
  package internal(set) var state: PointState

  private(set) var settings: PointSettings
  var order: SourceOrder
  var stream: SampleStream?
  var judge: WindowJudge
  let analyzers: Analyzers
  var faults = FaultRun()
  var speedRPM: Double?
  /// When the newest frame came; before the first one, when it was first asked for.
  var receivedAt: UnixTime?
  /// What the standing alarm was explained by; more of it is told again.
  var grounds = Grounds()
  var diagnoses = Diagnoses()
  var mustTellAgain = false
  var delivered: DeliveredJudge?
  var isAskedForWaveform = false
  var evidencePace = EvidencePace()
  /// What the restored state says was pending, until it is booked.
  var pendingBeforeRestart: Int

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

  /// What it may raise for nothing, where more points of its machine turn up.
  package func allow(_ budget: FalseAlarmBudget) {
    guard budget != settings.budget else { return }
    settings.budget = budget
    judge.allow(budget)
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
  package var driftFigures: DriftFigures? { judge.watch?.driftFigures }
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
