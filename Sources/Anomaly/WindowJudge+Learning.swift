import Signal

/// What a point learns, and what was delivered to speak in its place.
extension WindowJudge {
  mutating func takeTraining() -> TrainingJob? {
    defer { job = nil }
    return job
  }

  mutating func install(_ model: PointModel, into state: inout PointState) {
    self.model = model
    (watch, isRecorded) = (PointWatch(model, settings.budget), false)
    baseline = Baseline(wanted: 0)
    modelFits = shape == model.shape
    state.baseline.phase = .ready
    nameModel(in: &state)
  }

  mutating func allow(_ budget: FalseAlarmBudget) {
    settings.budget = budget
    watch?.allow(budget)
  }

  /// - Parameter delivered: `nil`: the learned model speaks again.
  mutating func deliver(_ delivered: DeliveredJudge?, into state: inout PointState) {
    (self.delivered, deliveredSaid) = (delivered, nil)
    nameModel(in: &state)
  }

  func nameModel(in state: inout PointState) {
    state.modelVersion = delivered?.name ?? model?.version
    state.uncalibrated = delivered?.model.isUncalibrated ?? model?.isUncalibrated ?? false
  }

  /// `nil` where there is none, or it was made for other windows.
  func askDelivered(
    _ features: UnsafeBufferPointer<Float>, _ stream: SampleStream, _ frame: Frame
  ) -> DeliveredModel.Judgement? {
    guard let delivered, let shape, delivered.fits(shape) else { return nil }
    return delivered.judge(features, speedRPM: frame.speedRPM) { analyzers.samples(of: stream.window) }
  }

  func show(
    _ features: UnsafeBufferPointer<Float>, _ stream: SampleStream, _ frame: Frame, _ state: PointState, _ learned: Score?,
    _ said: Verdict, _ stood: Verdict
  ) {
    guard let tap, let shape else { return }
    let delivered = delivered.flatMap { judge in
      deliveredSaid.map { SeenWindow.Delivered(name: judge.name, judgement: $0, tookNanoseconds: judge.tookNanoseconds) }
    }
    tap.take(
      SeenWindow(
        shape: shape, time: frame.startTime ?? frame.receivedAt, speedRPM: frame.speedRPM, features: features,
        rules: ruled(state), learned: learned, modelVersion: state.modelVersion, delivered: delivered, verdict: said,
        stood: stood, stands: state.verdict)
    ) { analyzers.samples(of: stream.window) }
  }

  /// Only what neither a check nor a rule objects to is healthy enough to learn from.
  mutating func learn(
    _ features: UnsafeBufferPointer<Float>, _ frame: Frame, _ state: inout PointState, _ outcome: inout PointOutcome
  ) {
    guard model == nil, settings.baselineWindows > 0, let shape else { return }
    if mayLearn, zoned?.priority == nil, let window = baseline.take(features, speedRPM: frame.speedRPM, of: shape) {
      outcome.baseline.append(window)
    }
    if state.baseline.phase == .ready { state.reference = VelocityReference() }
    state.baseline.phase = .learning
    nameModel(in: &state)
    state.baseline.windows = baseline.count
    state.baseline.windowsWanted = settings.baselineWindows
    guard mayLearn, baseline.isComplete, !isTraining else { return }
    job = baseline.job(point: point, shape: shape, overlappingNeighbours: overlappingNeighbours(shape))
    isTraining = true
  }

  func overlappingNeighbours(_ shape: ModelShape) -> Int {
    (shape.windowSamples - 1) / min(shape.windowSamples, settings.hopSamples)
  }

  mutating func adopt(_ stream: SampleStream) {
    if shape?.windowSamples == stream.window.count, shape?.sampleRateHz == stream.sampleRateHz, shape?.unit == stream.unit {
      return
    }
    let now = ModelShape(
      windowSamples: stream.window.count, sampleRateHz: stream.sampleRateHz, unit: stream.unit,
      featureNames: Analyzers.featureNames)
    shape = now
    modelFits = model?.shape == now
  }
}
