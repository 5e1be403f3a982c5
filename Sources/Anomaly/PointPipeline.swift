import Signal

/// All of check, window, features, detect and decide for one point. Pure: the same frames give the same outcomes.
/// Belongs to one worker and is used by one thread at a time.
package final class PointPipeline: Pipeline {
  package var intake: Intake
  private(set) var settings: PointSettings
  var stream: SampleStream?
  var judge: WindowJudge
  let analyzers: Analyzers
  var speedRPM: Double?
  /// What the standing alarm was explained by; more of it is told again.
  var grounds = Grounds()
  var diagnoses = Diagnoses()
  var mustTellAgain = false
  var delivered: DeliveredJudge?
  var isAskedForWaveform = false
  var evidencePace = EvidencePace()

  /// - Parameter analyzers: the worker's.
  package init(point: PointID, settings: PointSettings, restored: RestoredPoint? = nil, analyzers: Analyzers) {
    self.settings = settings
    intake = Intake(point: point, restored: restored, expectedIntervalSeconds: settings.expectedIntervalSeconds)
    self.analyzers = analyzers
    judge = WindowJudge(point: point, settings: settings, restored: restored, analyzers: analyzers)
  }

  /// What it may raise for nothing, where more points of its machine turn up.
  package func allow(_ budget: FalseAlarmBudget) {
    guard budget != settings.budget else { return }
    settings.budget = budget
    judge.allow(budget)
  }

  /// The shaft's lines along the shaft, for the machine's radial points: each new block's once. `nil` for other points.
  package func takeAxialLines() -> ShaftLines? { judge.takeAxialLines() }

  /// Takes one decoded frame through to the decision.
  /// - Parameters:
  ///   - arrival: position of its message in the batch.
  ///   - machine: what the machine's other points said last.
  package func take(_ frame: Frame, arrival: Int, machine: MachineReadings? = nil, into outcome: inout PointOutcome) {
    judge.machine = machine
    if let place = intake.admit(frame, arrival, &outcome, fault: { fault(of: frame, after: $0) }) {
      accept(frame, at: place, arrival, &outcome)
    }
    outcome.state = state
  }

  package var staleAfterSeconds: Double? { settings.staleAfterSeconds }
  package var driftFigures: DriftFigures? { judge.watch?.driftFigures }

  /// The baseline, once it is complete: to be run on another thread, its model handed to `install`. Handed out once.
  package func takeTraining() -> TrainingJob? { judge.takeTraining() }

  /// From now on the learned detectors speak.
  package func install(_ model: PointModel, at time: UnixTime, into outcome: inout PointOutcome) {
    judge.install(model, into: &intake.state)
    let report = BaselineReport(
      windows: state.baseline.windows, modelVersion: model.version, uncalibrated: model.isUncalibrated)
    outcome.occurrences.append(Occurrence(arrival: 0, time: time, subject: point.description, kind: .baselineReady(report)))
    outcome.state = state
  }
}
