import Signal

/// Features, detection and decision of one point: windows and blocks in, verdicts and what is to be learned out.
struct WindowJudge {
  private let point: PointID
  private let settings: PointSettings
  private let analyzers: Analyzers
  private var operating: OperatingStateRule
  private var severity: SeverityRule
  /// Of slow machines' displacement.
  private var displacement = SeverityRule(zone: nil)
  private var displacementRMS: Double?
  private var change: ChangeRule
  private var baseline: Baseline
  private var model: PointModel?
  /// Over weeks, once there is a model.
  private var watch: PointWatch?
  private var regime: Int?
  private var foreign = ForeignSignal()
  private var isForeign = false
  /// Since the start, or since the model came.
  private var isRecorded = false
  /// What is to judge the window at hand; `nil` where nothing is learned, or nothing that fits.
  private var choice: PointModel.Choice?
  /// Of the windows that come now, and whether the model was learned from such ones.
  private var shape: ModelShape?
  private var modelFits = false
  private var job: TrainingJob?
  private var isTraining = false
  /// False while a person says so: nothing is collected and no training begins.
  var mayLearn = true
  private var lastScore: Score?
  /// Speaks in the learned model's place.
  private var delivered: DeliveredJudge?
  /// Of the window at hand; `nil` where it was not asked.
  private var deliveredSaid: DeliveredModel.Judgement?
  var tap: (any WindowTap)?
  private var trendAt: UnixTime?
  /// What the machine's other points said last.
  var machine: MachineReadings?
  private var axialLines: ShaftLines?
  /// Windows that wanted the verdict to rise while less than a block was at hand.
  private var windowsAhead = 0

  init(point: PointID, settings: PointSettings, restored: RestoredPoint?, analyzers: Analyzers) {
    self.point = point
    self.settings = settings
    self.analyzers = analyzers
    operating = OperatingStateRule(settings.operatingState, state: restored?.state.operatingState ?? .unknown)
    severity = SeverityRule(zone: settings.severity == nil ? nil : restored?.state.zone)
    change = ChangeRule(isChanged: Self.wasChanged(restored?.state, settings.severity))
    model = restored?.model.flatMap { try? PointModel(decoding: $0) }
    watch = model.map { PointWatch($0, settings.budget, restored: restored?.watch) }
    baseline = Baseline(wanted: settings.baselineWindows, restored: model == nil ? restored?.baseline ?? [] : [])
  }

  mutating func takeAxialLines() -> ShaftLines? {
    defer { axialLines = nil }
    return axialLines
  }

  mutating func measureSeverity(_ stream: SampleStream, _ frame: Frame, _ state: inout PointState) {
    axialLines = settings.isAxial ? shaftLines(stream, frame) : nil
    state.velocityRMS = analyzers.velocityRMS(
      of: stream.block, bandHz: settings.severityBandHz, sampleRateHz: stream.sampleRateHz, unit: stream.unit)
    guard let limits = settings.severity, let velocity = state.velocityRMS, carriesBand(stream), Self.isRunning(state)
    else { return }
    severity.take(velocity, limits: limits)
    measureDisplacement(stream)
    state.zone = [severity.zone, displacement.zone].compactMap { $0 }.max()
    compare(velocity, limits, &state)
  }

  /// ISO 20816-3: of a slow machine the worse of velocity and displacement counts.
  private mutating func measureDisplacement(_ stream: SampleStream) {
    displacementRMS = settings.displacementLimits.flatMap { _ in
      analyzers.displacementRMS(
        of: stream.block, bandHz: settings.severityBandHz, sampleRateHz: stream.sampleRateHz, unit: stream.unit)
    }
    guard let limits = settings.displacementLimits, let displacementRMS else { return }
    displacement.take(displacementRMS, limits: limits)
  }

  /// With the reference once there is a model; makes the reference until then.
  private mutating func compare(_ velocity: Double, _ limits: SeverityLimits, _ state: inout PointState) {
    if model != nil, let reference = state.reference.velocityRMS {
      change.take(velocityRMS: velocity, reference: reference, limits: limits)
    } else if model == nil, settings.baselineWindows > 0, zoned?.priority == nil {
      state.reference.take(velocityRMS: velocity)
    }
  }

  private static func wasChanged(_ state: PointState?, _ limits: SeverityLimits?) -> Bool {
    guard let state, let limits, state.baseline.phase == .ready, state.verdict.priority != nil, let velocity = state.velocityRMS,
      let reference = state.reference.velocityRMS
    else { return false }
    return abs(velocity - reference) > limits.significantChange
  }

  /// Zones are for machines at their speed; what is not known counts as running.
  private static func isRunning(_ state: PointState) -> Bool { state.operatingState.suppression == nil }

  private func carriesBand(_ stream: SampleStream) -> Bool {
    stream.sampleRateHz >= SeverityBand.leastRateHz(settings.severityBandHz)
  }

  private var zoned: Verdict? { [severity.verdict, displacement.verdict].compactMap { $0 }.max() }

  /// What the rules say of a running machine.
  private func ruled(_ state: PointState) -> Verdict? {
    guard Self.isRunning(state) else { return nil }
    return [zoned, change.verdict].compactMap { $0 }.max()
  }

  /// Judges the window that is full.
  mutating func decide(_ stream: SampleStream, _ frame: Frame, _ state: inout PointState, _ outcome: inout PointOutcome) {
    guard let features = analyzers.features(of: stream.window, sampleRateHz: stream.sampleRateHz) else { return }
    adopt(stream)
    choice = modelFits ? model?.choice(speedRPM: frame.speedRPM) : nil
    regime = modelFits ? model?.regime(speedRPM: frame.speedRPM) : nil
    operating.take(
      speedRPM: frame.speedRPM, rms: Double(features[Self.rmsIndex]),
      currentAmperes: machine?.currentAmperes(at: frame.receivedAt),
      learnedRMS: current.map { Double($0.standardizer.mean[Self.rmsIndex]) },
      at: frame.startTime ?? frame.receivedAt)
    state.operatingState = operating.state
    isForeign = foreign.take(features, Self.isRunning(state) ? current : nil)
    let speaks = Self.isRunning(state) && !isForeign
    let learned = speaks ? current?.score(features) : nil
    deliveredSaid = speaks ? askDelivered(features, stream, frame) : nil
    lastScore = deliveredSaid.map(\.score) ?? learned
    state.score = lastScore?.joint
    state.probability = lastScore?.probability(limit: warningLimit)
    if Self.isRunning(state) { learn(features, frame, &state, &outcome) }
    let (said, stood) = (verdict(stream, state), state.verdict)
    follow(features, learned, said, frame, state, &outcome)
    stand(by: said, stream, &state)
    note(features, frame, state, &outcome)
    show(features, stream, frame, state, learned, said, stood)
  }

  private var current: Model? {
    guard case .model(let model) = choice else { return nil }
    return model
  }

  /// Of the window at hand: what rules and model say together.
  private func verdict(_ stream: SampleStream, _ state: PointState) -> Verdict {
    if let reason = state.operatingState.suppression { return .suppressed(reason) }
    let undecided = Verdict.abstain(abstention(stream))
    return max(ruled(state) ?? undecided, lastScore?.verdict(limit: warningLimit) ?? undecided)
  }

  /// A delivered model brings its own: 1.
  private var warningLimit: Double { deliveredSaid == nil ? watch?.warningLimit ?? 1 : 1 }

  /// Somebody named an alarm of this point.
  /// - Returns: what is to be stored; `nil` where nothing is learned.
  mutating func label(score: Double, isFault: Bool, at time: UnixTime) -> WatchRecord? {
    if delivered == nil { watch?.label(score: score, isFault: isFault) }
    return watch?.record(at: time)
  }

  /// What lasts: over weeks instead of windows. The budget is the learned model's, as long as that speaks.
  private mutating func follow(
    _ features: UnsafeBufferPointer<Float>, _ learned: Score?, _ window: Verdict, _ frame: Frame, _ state: PointState,
    _ outcome: inout PointOutcome
  ) {
    guard let learned, let current, let regime else { return }
    let time = frame.startTime ?? frame.receivedAt
    let isObjected = ruled(state)?.priority != nil || (state.verdict == .alarm && window == .alarm)
    let decided =
      deliveredSaid == nil
      ? watch?.budget.take(learned, at: time, isObjected: isObjected, mayLearn: mayLearn, debounce: settings.debounce) : false
    let drift = watch?.takeDrift(features, current, regime: regime, at: time)
    if let drift {
      outcome.occurrences.append(
        Occurrence(arrival: 0, time: frame.receivedAt, subject: point.description, kind: .driftNoticed(drift)))
    }
    if decided == true || drift != nil || !isRecorded, let record = watch?.record(at: time) {
      outcome.watch = record
      isRecorded = true
    }
  }

  /// Velocity stands apart from what it was while the point learned.
  var isChanged: Bool { change.isChanged }

  /// Of the window judged last.
  func explanation(_ stream: SampleStream, _ frame: Frame, _ state: PointState) -> Explanation {
    guard let shape else { return .undecided(state.verdict) }
    let needed = settings.diagnosis(speedRPM: frame.speedRPM)
    return Evidence(
      verdict: state.verdict, shape: shape, features: analyzers.latestFeatures, model: current,
      delivered: deliveredSaid == nil ? nil : delivered, score: lastScore,
      zone: state.zone,
      velocityRMS: state.velocityRMS, limits: settings.severity, displacementRMS: displacementRMS,
      displacementLimits: settings.displacementLimits,
      reference: change.isChanged ? state.reference.velocityRMS : nil,
      spectrum: state.verdict.priority == nil ? nil : analyzers.envelopeSpectrum(of: stream),
      block: stream.holds(needed) ? .held : .tooShort(neededSeconds: needed.seconds), bearing: settings.bearing,
      speedRPM: frame.speedRPM ?? settings.speedRPM, shaft: shaftDiagnosis(stream, frame, state), watch: watch
    ).explanation()
  }

  /// Only where the velocity is too high: what a shaft's lines are consistent with explains nothing else.
  private func shaftDiagnosis(_ stream: SampleStream, _ frame: Frame, _ state: PointState) -> ShaftDiagnosis? {
    guard let zone = state.zone, zone >= .c, !settings.isAxial, let lines = shaftLines(stream, frame) else { return nil }
    let recentSeconds = max(60, 1.5 * (settings.expectedIntervalSeconds ?? 0))
    return ShaftDiagnosis(radial: lines, axial: machine?.axialLines(at: frame.receivedAt, within: recentSeconds))
  }

  /// `nil` where the speed is not known, or the stretch at hand is too short for a diagnosis.
  private func shaftLines(_ stream: SampleStream, _ frame: Frame) -> ShaftLines? {
    guard let speedRPM = frame.speedRPM ?? settings.speedRPM, speedRPM > 0,
      stream.holds(settings.diagnosis(speedRPM: speedRPM)), let density = analyzers.velocityDensity(of: stream)
    else { return nil }
    return ShaftLines(in: density, shaftHz: speedRPM / 60, parts: settings.parts)
  }
}

// MARK: - Learning

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

  /// - Parameter delivered: `nil`: the learned model speaks again.
  mutating func deliver(_ delivered: DeliveredJudge?, into state: inout PointState) {
    (self.delivered, deliveredSaid) = (delivered, nil)
    nameModel(in: &state)
  }

  private func nameModel(in state: inout PointState) {
    state.modelVersion = delivered?.name ?? model?.version
    state.uncalibrated = delivered?.model.isUncalibrated ?? model?.isUncalibrated ?? false
  }

  /// `nil` where there is none, or it was made for other windows.
  private func askDelivered(
    _ features: UnsafeBufferPointer<Float>, _ stream: SampleStream, _ frame: Frame
  ) -> DeliveredModel.Judgement? {
    guard let delivered, let shape, delivered.fits(shape) else { return nil }
    return delivered.judge(features, speedRPM: frame.speedRPM) { analyzers.samples(of: stream.window) }
  }

  private func show(
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
  private mutating func learn(
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

  private func overlappingNeighbours(_ shape: ModelShape) -> Int {
    (shape.windowSamples - 1) / min(shape.windowSamples, settings.hopSamples)
  }

  private mutating func adopt(_ stream: SampleStream) {
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

// MARK: - Deciding

extension WindowJudge {
  private func abstention(_ stream: SampleStream) -> AbstainReason {
    if settings.severity != nil, !carriesBand(stream) { return .rateTooLow }
    switch deliveredSaid {
    case .unknownRegime?: return .unknownRegime
    case .speedMissing?: return .missingInput
    case .score?, nil: break
    }
    if settings.baselineWindows > 0, model == nil { return .learning }
    if isForeign { return .outOfDistribution }
    switch choice {
    case .unknownRegime: return .unknownRegime
    case .speedMissing: return .missingInput
    case .model, nil: break
    }
    return settings.severity == nil ? .noRuleApplies : .blockTooShort
  }

  /// Debounces a window's verdict. A rise waits for a block for severity where one is on its way, at most as long as one more:
  /// then its explanation has a spectrum.
  private mutating func stand(by verdict: Verdict, _ stream: SampleStream, _ state: inout PointState) {
    state.debounce.push(verdict)
    let debounced = verdict.reason == nil ? state.debounce.verdict(after: state.verdict, debounce(stream)) : verdict
    let isRaised = deliveredSaid == nil && watch?.budget.isRaised == true && Self.isRunning(state)
    let standing = isRaised ? max(debounced, .warning) : debounced
    let rises = standing.priority != nil && standing > state.verdict
    if rises, stream.awaitsBlock, windowsAhead * settings.hopSamples < stream.block.count {
      windowsAhead += 1
      return
    }
    windowsAhead = 0
    state.verdict = standing
  }

  /// Snapshots with long pauses, each no more than a window or two, are few: a bang in three of them is no trend yet.
  private func debounce(_ stream: SampleStream) -> DebounceSettings {
    var settings = settings.debounce
    if !stream.fillsBlocks { settings.raise = min(settings.of, settings.raise + 1) }
    return settings
  }

  /// At most one row a minute.
  private mutating func note(
    _ features: UnsafeBufferPointer<Float>, _ frame: Frame, _ state: PointState, _ outcome: inout PointOutcome
  ) {
    let time = frame.startTime ?? frame.receivedAt
    if let trendAt, abs(time.seconds(since: trendAt)) < 60 { return }
    trendAt = time
    outcome.trend.append(
      TrendRow(
        time: time, velocityRMS: state.velocityRMS, rms: Double(features[Self.rmsIndex]),
        kurtosis: Double(features[Self.kurtosisIndex]),
        probability: state.probability, verdict: state.verdict))
  }

  private static let rmsIndex = Analyzers.featureNames.firstIndex(of: "rms") ?? 0
  private static let kurtosisIndex = Analyzers.featureNames.firstIndex(of: "kurtosis") ?? 0
}

extension Verdict: Comparable {
  /// By what it asks of people; what is not decided asks least.
  package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .abstain, .suppressed: 0
    case .normal: 1
    case .warning: 2
    case .alarm: 3
    }
  }
}

extension Explanation {
  static func undecided(_ verdict: Verdict) -> Explanation {
    Explanation(
      words: "Nothing is decided: \(verdict.reason ?? verdict.name).", decidedBy: [], zone: nil, velocityRmsMmS: nil,
      probability: nil,
      score: nil, uncalibrated: false, contributions: [], lines: [], spectrum: nil)
  }
}
