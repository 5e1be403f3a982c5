import Signal

// MARK: - Delivered models

extension PointPipeline {
  /// From the next window on it speaks in the learned model's place; `nil`: that one again.
  package func deliver(_ judge: DeliveredJudge?, into outcome: inout PointOutcome) {
    self.judge.deliver(judge, into: &intake.state)
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
    intake.state.forgetBaseline()
    let mayLearn = judge.mayLearn
    let tap = judge.tap
    judge = WindowJudge(point: point, settings: settings, restored: RestoredPoint(state: state), analyzers: analyzers)
    (judge.mayLearn, judge.tap) = (mayLearn, tap)
    judge.deliver(delivered, into: &intake.state)
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
