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
package final class ScalarPipeline: Pipeline {
  package var intake: Intake
  private let settings: ScalarSettings
  private var judge: ScalarJudge
  /// The newest usable one.
  package private(set) var latest: Reading?
  private var trendAt: UnixTime?
  private var mustTellAgain = false

  package init(point: PointID, settings: ScalarSettings, restored: RestoredPoint? = nil) {
    self.settings = settings
    intake = Intake(point: point, restored: restored, expectedIntervalSeconds: settings.expectedIntervalSeconds)
    judge = ScalarJudge(settings, restored: restored?.baseline ?? [])
  }

  /// Takes one reading through to the decision.
  /// - Parameters:
  ///   - arrival: position of its message in the batch.
  ///   - machine: what the machine's other points said last.
  package func take(_ reading: Reading, arrival: Int, machine: MachineReadings? = nil, into outcome: inout PointOutcome) {
    judge.isAtRest = machine?.isAtRest(at: reading.receivedAt) ?? false
    if let place = intake.admit(reading, arrival, &outcome, fault: { _ in fault(of: reading) }) {
      accept(reading, at: place, arrival, &outcome)
    }
    outcome.state = state
  }

  package var staleAfterSeconds: Double? { settings.staleAfterSeconds }
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
    intake.state.forgetBaseline()
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
    intake.take(reading, at: place, &outcome)
    outcome.ledger.analysed += 1
    let before = state.verdict
    judge.decide(reading, &intake.state, &outcome)
    latest = reading
    remember(reading, &outcome)
    guard state.verdict != before || mustTellAgain else { return }
    mustTellAgain = false
    intake.tell(
      VerdictChange(
        arrival: arrival, time: reading.receivedAt, point: point, verdict: state.verdict,
        explanation: judge.explanation(state.verdict)),
      after: before, &outcome)
  }

  /// At most one row a minute; where a vibration's row has its RMS, this has the value.
  private func remember(_ reading: Reading, _ outcome: inout PointOutcome) {
    if let trendAt, abs(reading.moment.seconds(since: trendAt)) < 60 { return }
    trendAt = reading.moment
    outcome.trend.append(
      TrendRow(time: reading.moment, velocityRMS: nil, rms: reading.value, kurtosis: 0, probability: nil, verdict: state.verdict))
  }
}
