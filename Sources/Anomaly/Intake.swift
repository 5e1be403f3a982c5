import Signal

/// One point's frames as they come in, whatever they measure: the place of each among the source's, and what becomes of each in the
/// ledger. Nothing is taken, refused or lost without it.
package struct Intake: Sendable {
  package let point: PointID
  package internal(set) var state: PointState
  private(set) var order: SourceOrder
  private var faults = FaultRun()
  /// When the newest frame came; before the first one, when it was first asked for.
  private var receivedAt: UnixTime?
  /// What the restored state says was pending, until it is booked.
  private var pendingBeforeRestart: Int

  init(point: PointID, restored: RestoredPoint?, expectedIntervalSeconds: Double?) {
    self.point = point
    state = restored?.state ?? PointState()
    order = SourceOrder(
      sequences: restored?.sequences ?? SequenceRanges(), newestCapture: state.lastFrameAt,
      newestDigest: state.lastSampleDigest, expectedIntervalSeconds: expectedIntervalSeconds)
    pendingBeforeRestart = state.pendingFrames
  }

  /// - Parameter fault: asked of a frame that is next: why its samples cannot be used.
  /// - Returns: where the frame stands when it is to be taken; `nil`: it is booked.
  mutating func admit(
    _ frame: some Arrival, _ arrival: Int, _ outcome: inout PointOutcome, fault: (SourceOrder) -> QuarantineReason?
  ) -> SourceOrder.Place? {
    receive(&outcome)
    receivedAt = frame.receivedAt
    let place = order.place(of: frame)
    switch place {
    case .again: outcome.ledger.duplicate += 1
    case .late: refuse(frame, at: place, .late, arrival, &outcome)
    case .jumped: refuse(frame, at: place, .clockJump, arrival, &outcome)
    case .next, .anew:
      guard let reason = fault(order) else { return place }
      refuse(frame, at: place, reason, arrival, &outcome)
    }
    return nil
  }

  /// Books a frame whose samples are used, but for what the ledger says of it.
  mutating func take(_ frame: some Arrival, at place: SourceOrder.Place, _ outcome: inout PointOutcome) {
    faults = FaultRun()
    let missing = order.take(frame, at: place)
    note(missing, &outcome)
    state.lastFrameAt = frame.startTime ?? frame.receivedAt
    state.lastSampleDigest = frame.sampleDigest
  }

  mutating func quarantine(_ reason: QuarantineReason, _ outcome: inout PointOutcome) {
    receive(&outcome)
    outcome.ledger.quarantined[reason, default: 0] += 1
    order.interrupt()
  }

  mutating func duplicate(_ outcome: inout PointOutcome) {
    receive(&outcome)
    outcome.ledger.duplicate += 1
  }

  mutating func resume(_ outcome: inout PointOutcome) {
    drop(pendingBeforeRestart, .restart, &outcome)
    pendingBeforeRestart = 0
  }

  mutating func sessionLost() { order.interrupt() }

  mutating func clockLeapt(bySeconds seconds: Double) { receivedAt = receivedAt?.advanced(bySeconds: seconds) }

  /// - Parameter promised: seconds from one frame to the next at most; `nil`: none.
  mutating func noteSilence(at now: UnixTime, promised: Double?, _ outcome: inout PointOutcome) -> Bool {
    let since = receivedAt ?? now
    receivedAt = since
    guard let promised, now.seconds(since: since) > promised, state.verdict != .abstain(.stale) else { return false }
    change(to: .abstain(.stale), at: now, arrival: 0, &outcome)
    return true
  }

  private mutating func receive(_ outcome: inout PointOutcome) {
    resume(&outcome)
    outcome.ledger.received += 1
  }

  private mutating func refuse(
    _ frame: some Arrival, at place: SourceOrder.Place, _ reason: QuarantineReason, _ arrival: Int, _ outcome: inout PointOutcome
  ) {
    outcome.ledger.quarantined[reason, default: 0] += 1
    let missing = order.pass(frame, at: place)
    note(missing, &outcome)
    guard faults.stands(after: reason), state.verdict != .abstain(.sensorFault) else { return }
    change(to: .abstain(.sensorFault), at: frame.receivedAt, arrival: arrival, &outcome)
    tell(.sensorFault(SensorReport(reason: reason.rawValue)), at: frame.receivedAt, arrival, &outcome)
  }

  private func note(_ missing: Int, _ outcome: inout PointOutcome) {
    outcome.ledger.missing += missing
    if !order.sequences.ranges.isEmpty { outcome.sequences = order.sequences }
  }
}

// MARK: - Frames that wait in a window

extension Intake {
  mutating func wait(_ frames: Int, _ outcome: inout PointOutcome) {
    state.pendingFrames += frames
    outcome.ledger.pending += frames
  }

  mutating func drop(_ frames: Int, _ reason: DropReason, _ outcome: inout PointOutcome) {
    guard frames > 0 else { return }
    wait(-frames, &outcome)
    outcome.ledger.dropped[reason, default: 0] += frames
  }
}

// MARK: - What is told

extension Intake {
  /// A change that no samples brought about.
  private mutating func change(to verdict: Verdict, at time: UnixTime, arrival: Int, _ outcome: inout PointOutcome) {
    state.verdict = verdict
    outcome.changes.append(
      VerdictChange(arrival: arrival, time: time, point: point, verdict: verdict, explanation: .undecided(verdict)))
  }

  /// What samples brought about; a sensor whose samples are used again has recovered.
  func tell(_ change: VerdictChange, after before: Verdict, _ outcome: inout PointOutcome) {
    if before == .abstain(.sensorFault) {
      tell(.sensorRecovered(SensorReport(reason: "usable again")), at: change.time, change.arrival, &outcome)
    }
    outcome.changes.append(change)
  }

  private func tell(_ kind: Occurrence.Kind, at time: UnixTime, _ arrival: Int, _ outcome: inout PointOutcome) {
    outcome.occurrences.append(Occurrence(arrival: arrival, time: time, subject: point.description, kind: kind))
  }
}

/// Frames in a row whose samples no working sensor delivers.
struct FaultRun {
  var count = 0

  /// - Returns: whether it has been long enough to be the sensor's fault and not a disturbance.
  mutating func stands(after reason: QuarantineReason) -> Bool {
    switch reason {
    case .notFinite, .clipped, .stuck, .dropout, .spikes, .range, .bias: count += 1
    default: break
    }
    return count >= 3
  }
}
