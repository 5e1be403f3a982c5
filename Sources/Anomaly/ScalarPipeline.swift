import Signal

/// What configuration says about a point that is a scalar.
package struct ScalarSettings: Sendable, Equatable {
  package var limits = ScalarLimits()
  /// Largest magnitude the sensor can measure, in the source's unit.
  package var measuringRange: Double?
  /// Seconds from one reading to the next; silent for longer: stale.
  package var expectedIntervalSeconds: Double?
  /// Healthy means of ten minutes to learn from; 0: a change of the mean is not looked for.
  package var baselineWindows = 0
  package var debounce = DebounceSettings()

  package init() {}

  var staleAfterSeconds: Double? { expectedIntervalSeconds.map { Silence.intervals * $0 } }
}

/// All of check, detect and decide for one point that is a scalar: every reading is decided at once.
/// Belongs to one worker and is used by one thread at a time.
package final class ScalarPipeline {
  package let point: PointID
  package private(set) var state: PointState

  private let settings: ScalarSettings
  private var order: SourceOrder
  private var judge: ScalarJudge
  /// When the newest frame came; before the first one, when it was first asked for.
  private var receivedAt: UnixTime?
  /// What the restored state says was pending, from when the point was no scalar, until it is booked.
  private var pendingBeforeRestart: Int
  private var faults = 0
  /// The newest usable one.
  package private(set) var latest: Reading?
  private var trendAt: UnixTime?
  private var mustTellAgain = false

  package init(point: PointID, settings: ScalarSettings, restored: RestoredPoint? = nil) {
    self.point = point
    self.settings = settings
    state = restored?.state ?? PointState()
    order = SourceOrder(
      sequences: restored?.sequences ?? SequenceRanges(), newestCapture: state.lastFrameAt,
      newestDigest: restored?.state.lastSampleDigest, expectedIntervalSeconds: settings.expectedIntervalSeconds)
    judge = ScalarJudge(settings, restored: restored?.baseline ?? [])
    pendingBeforeRestart = state.pendingFrames
  }

  package func begin() -> PointOutcome { PointOutcome(point: point, state: state) }

  /// Takes one reading through to the decision.
  /// - Parameters:
  ///   - arrival: position of its message in the batch.
  ///   - machine: what the machine's other points said last.
  package func take(_ reading: Reading, arrival: Int, machine: MachineReadings? = nil, into outcome: inout PointOutcome) {
    resume(into: &outcome)
    judge.isAtRest = machine?.isAtRest(at: reading.receivedAt) ?? false
    outcome.ledger.received += 1
    receivedAt = reading.receivedAt
    let place = order.place(of: reading)
    switch place {
    case .again: outcome.ledger.duplicate += 1
    case .late: refuse(reading, at: place, .late, arrival, &outcome)
    case .jumped: refuse(reading, at: place, .clockJump, arrival, &outcome)
    case .next, .anew:
      if let reason = fault(of: reading) {
        refuse(reading, at: place, reason, arrival, &outcome)
      } else {
        accept(reading, at: place, arrival, &outcome)
      }
    }
    outcome.state = state
  }

  package func quarantine(_ reason: QuarantineReason, into outcome: inout PointOutcome) {
    resume(into: &outcome)
    outcome.ledger.received += 1
    outcome.ledger.quarantined[reason, default: 0] += 1
    outcome.state = state
  }

  package func duplicate(into outcome: inout PointOutcome) {
    resume(into: &outcome)
    outcome.ledger.received += 1
    outcome.ledger.duplicate += 1
    outcome.state = state
  }

  package func sessionLost() { order.interrupt() }

  package func clockLeapt(bySeconds seconds: Double) { receivedAt = receivedAt?.advanced(bySeconds: seconds) }

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
}

// MARK: - What people decide

extension ScalarPipeline {
  package var mayLearn: Bool {
    get { judge.mayLearn }
    set { judge.mayLearn = newValue }
  }

  package var baselineWindows: Int { settings.baselineWindows }

  package func tellAgain() { mustTellAgain = true }

  package func forgetBaseline(into outcome: inout PointOutcome) {
    state.forgetBaseline()
    let mayLearn = judge.mayLearn
    judge = ScalarJudge(settings)
    judge.mayLearn = mayLearn
    outcome.state = state
  }
}

extension ScalarPipeline {
  private func fault(of reading: Reading) -> QuarantineReason? {
    guard reading.value.isFinite else { return .notFinite }
    if let range = settings.measuringRange, abs(reading.value) > range { return .range }
    if let speed = reading.speedRPM, !MachineReadings.speeds.contains(abs(speed)) { return .range }
    return nil
  }

  private func accept(_ reading: Reading, at place: SourceOrder.Place, _ arrival: Int, _ outcome: inout PointOutcome) {
    note(order.take(reading, at: place), &outcome)
    state.lastFrameAt = reading.moment
    state.lastSampleDigest = reading.digest
    outcome.ledger.analysed += 1
    faults = 0
    let before = state.verdict
    judge.decide(reading, &state, &outcome)
    latest = reading
    remember(reading, &outcome)
    guard state.verdict != before || mustTellAgain else { return }
    mustTellAgain = false
    if before == .abstain(.sensorFault) {
      tell(.sensorRecovered(SensorReport(reason: "usable again")), reading, arrival, &outcome)
    }
    outcome.changes.append(
      VerdictChange(
        arrival: arrival, time: reading.receivedAt, point: point, verdict: state.verdict,
        explanation: judge.explanation(state.verdict)))
  }

  private func refuse(
    _ reading: Reading, at place: SourceOrder.Place, _ reason: QuarantineReason, _ arrival: Int, _ outcome: inout PointOutcome
  ) {
    outcome.ledger.quarantined[reason, default: 0] += 1
    note(order.pass(reading, at: place), &outcome)
    guard reason == .notFinite || reason == .range else { return }
    faults += 1
    guard faults >= 3, state.verdict != .abstain(.sensorFault) else { return }
    change(to: .abstain(.sensorFault), at: reading.receivedAt, arrival: arrival, &outcome)
    tell(.sensorFault(SensorReport(reason: reason.rawValue)), reading, arrival, &outcome)
  }

  /// At most one row a minute; where a vibration's row has its RMS, this has the value.
  private func remember(_ reading: Reading, _ outcome: inout PointOutcome) {
    if let trendAt, abs(reading.moment.seconds(since: trendAt)) < 60 { return }
    trendAt = reading.moment
    outcome.trend.append(
      TrendRow(time: reading.moment, velocityRMS: nil, rms: reading.value, kurtosis: 0, probability: nil, verdict: state.verdict))
  }

  private func note(_ missing: Int, _ outcome: inout PointOutcome) {
    outcome.ledger.missing += missing
    if !order.sequences.ranges.isEmpty { outcome.sequences = order.sequences }
  }

  private func resume(into outcome: inout PointOutcome) {
    guard pendingBeforeRestart > 0 else { return }
    state.pendingFrames = 0
    outcome.ledger.pending -= pendingBeforeRestart
    outcome.ledger.dropped[.restart, default: 0] += pendingBeforeRestart
    pendingBeforeRestart = 0
  }

  /// A change that no reading brought about.
  private func change(to verdict: Verdict, at time: UnixTime, arrival: Int, _ outcome: inout PointOutcome) {
    state.verdict = verdict
    outcome.changes.append(
      VerdictChange(arrival: arrival, time: time, point: point, verdict: verdict, explanation: .undecided(verdict)))
    outcome.state = state
  }

  private func tell(_ kind: Occurrence.Kind, _ reading: Reading, _ arrival: Int, _ outcome: inout PointOutcome) {
    outcome.occurrences.append(Occurrence(arrival: arrival, time: reading.receivedAt, subject: point.description, kind: kind))
  }
}
