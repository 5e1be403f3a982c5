import Signal

/// Features, detection and decision of one point: windows and blocks in, verdicts and what is to be learned out.
struct WindowJudge {
  let point: PointID
  var settings: PointSettings
  let analyzers: Analyzers
  var operating: OperatingStateRule
  var severity: SeverityRule
  /// Of slow machines' displacement.
  var displacement = SeverityRule(zone: nil)
  var displacementRMS: Double?
  var change: ChangeRule
  var baseline: Baseline
  var model: PointModel?
  /// Over weeks, once there is a model.
  var watch: PointWatch?
  var regime: Int?
  var foreign = ForeignSignal()
  var isForeign = false
  /// Newest in bit 0: whether the detectors disagreed about a window.
  var disputes: UInt32 = 0
  /// Since the start, or since the model came.
  var isRecorded = false
  /// What is to judge the window at hand; `nil` where nothing is learned, or nothing that fits.
  var choice: PointModel.Choice?
  /// Of the windows that come now, and whether the model was learned from such ones.
  var shape: ModelShape?
  var modelFits = false
  var job: TrainingJob?
  var isTraining = false
  /// False while a person says so: nothing is collected and no training begins.
  var mayLearn = true
  var lastScore: Score?
  /// Speaks in the learned model's place.
  var delivered: DeliveredJudge?
  /// Of the window at hand; `nil` where it was not asked.
  var deliveredSaid: DeliveredModel.Judgement?
  var tap: (any WindowTap)?
  var trendAt: UnixTime?
  /// What the machine's other points said last.
  var machine: MachineReadings?
  var axialLines: ShaftLines?
  /// Windows that wanted the verdict to rise while less than a block was at hand.
  var windowsAhead = 0
  var offDelay: OffDelay

  init(point: PointID, settings: PointSettings, restored: RestoredPoint?, analyzers: Analyzers) {
    self.point = point
    self.settings = settings
    self.analyzers = analyzers
    offDelay = OffDelay(seconds: settings.debounce.offDelaySeconds)
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
  mutating func measureDisplacement(_ stream: SampleStream) {
    displacementRMS = settings.displacementLimits.flatMap { _ in
      analyzers.displacementRMS(
        of: stream.block, bandHz: settings.severityBandHz, sampleRateHz: stream.sampleRateHz, unit: stream.unit)
    }
    guard let limits = settings.displacementLimits, let displacementRMS else { return }
    displacement.take(displacementRMS, limits: limits)
  }

  /// With the reference once there is a model; makes the reference until then.
  mutating func compare(_ velocity: Double, _ limits: SeverityLimits, _ state: inout PointState) {
    if model != nil, let reference = state.reference.velocityRMS {
      change.take(velocityRMS: velocity, reference: reference, limits: limits)
    } else if model == nil, settings.baselineWindows > 0, zoned?.priority == nil {
      state.reference.take(velocityRMS: velocity)
    }
  }

  static func wasChanged(_ state: PointState?, _ limits: SeverityLimits?) -> Bool {
    guard let state, let limits, state.baseline.phase == .ready, state.verdict.priority != nil, let velocity = state.velocityRMS,
      let reference = state.reference.velocityRMS
    else { return false }
    return abs(velocity - reference) > limits.significantChange
  }

  /// Zones are for machines at their speed; what is not known counts as running.
  static func isRunning(_ state: PointState) -> Bool { state.operatingState.suppression == nil }

  func carriesBand(_ stream: SampleStream) -> Bool {
    stream.sampleRateHz >= SeverityBand.leastRateHz(settings.severityBandHz)
  }

  var zoned: Verdict? { [severity.verdict, displacement.verdict].compactMap { $0 }.max() }

  /// What the rules say of a running machine.
  func ruled(_ state: PointState) -> Verdict? {
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
    state.probability = lastScore.map { score in
      (deliveredSaid == nil ? watch?.probability(of: score) : nil) ?? score.probability(limit: warningLimit)
    }
    if Self.isRunning(state) { learn(features, frame, &state, &outcome) }
    let (said, stood) = (verdict(stream, state), state.verdict)
    follow(features, learned, said, frame, state, &outcome)
    stand(by: said, stream, at: frame.startTime ?? frame.receivedAt, &state)
    note(features, frame, state, &outcome)
    show(features, stream, frame, state, learned, said, stood)
  }

  var current: Model? {
    guard case .model(let model) = choice else { return nil }
    return model
  }

  /// Of the window at hand: what rules and model say together.
  func verdict(_ stream: SampleStream, _ state: PointState) -> Verdict {
    if let reason = state.operatingState.suppression { return .suppressed(reason) }
    let learned = learnedVerdict ?? .abstain(abstention(stream))
    guard let ruled = ruled(state) else { return learned }
    if case .abstain(let reason) = learned, ruled == .normal, reason.outweighsQuietRules { return learned }
    return max(ruled, learned)
  }

  /// `nil` where there is no score.
  private var learnedVerdict: Verdict? {
    lastScore.map { $0.isDisputed(limit: warningLimit) ? .abstain(.detectorsDisagree) : $0.verdict(limit: warningLimit) }
  }

  /// A delivered model brings its own: 1.
  var warningLimit: Double { deliveredSaid == nil ? watch?.warningLimit ?? 1 : 1 }

  /// Somebody named an alarm of this point.
  /// - Returns: what is to be stored; `nil` where nothing is learned.
  mutating func label(score: Double, isFault: Bool, at time: UnixTime) -> WatchRecord? {
    if delivered == nil { watch?.label(score: score, isFault: isFault) }
    return watch?.record(at: time)
  }

  /// What lasts: over weeks instead of windows. The budget is the learned model's, as long as that speaks.
  mutating func follow(
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
  func shaftDiagnosis(_ stream: SampleStream, _ frame: Frame, _ state: PointState) -> ShaftDiagnosis? {
    guard let zone = state.zone, zone >= .c, !settings.isAxial, let lines = shaftLines(stream, frame) else { return nil }
    let recentSeconds = max(60, 1.5 * (settings.expectedIntervalSeconds ?? 0))
    return ShaftDiagnosis(radial: lines, axial: machine?.axialLines(at: frame.receivedAt, within: recentSeconds))
  }

  /// `nil` where the speed is not known, or the stretch at hand is too short for a diagnosis.
  func shaftLines(_ stream: SampleStream, _ frame: Frame) -> ShaftLines? {
    guard let speedRPM = frame.speedRPM ?? settings.speedRPM, speedRPM > 0,
      stream.holds(settings.diagnosis(speedRPM: speedRPM)), let density = analyzers.velocityDensity(of: stream)
    else { return nil }
    return ShaftLines(in: density, shaftHz: speedRPM / 60, parts: settings.parts)
  }
}
