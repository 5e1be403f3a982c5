import Signal

/// One machine and point: learned once, then every recording is judged by a point that starts afresh.
struct GroupJudge {
  private(set) var baselineWindows = 0
  private var settings = PointSettings()
  private(set) var model: PointModel?
  /// Per feature, over the baseline's windows.
  private(set) var deviations: [Float] = []
  private let analyzers: Analyzers

  init(baseline: [RecordedStretch], _ wanted: EvaluationSettings, _ analyzers: Analyzers) {
    self.analyzers = analyzers
    let shortest = baseline.flatMap(\.snapshots).map(\.count).min() ?? wanted.windowSamples
    settings.windowSamples = max(64, min(wanted.windowSamples, shortest) & ~1)
    settings.overlap = wanted.overlap
    guard !baseline.isEmpty else { return }
    settings.baselineWindows = .max
    let windows = play(baseline).outcome.baseline
    (baselineWindows, deviations) = (windows.count, Self.deviations(windows))
    settings.baselineWindows = baselineWindows
    model = baselineWindows > 0 ? play(baseline).model : nil
  }

  /// Whether there is a model to judge by.
  var isReady: Bool { model != nil }

  var windowSamples: Int { settings.windowSamples }

  private static func deviations(_ windows: [BaselineWindow]) -> [Float] {
    (windows.first?.features ?? []).indices.map { feature in
      Float(Disturbance.deviation(windows.map { $0.features[feature] }))
    }
  }

  /// By a point that starts afresh.
  func replay(_ stretch: RecordedStretch) -> EvaluationReplay { play([stretch]) }

  private func play(_ stretches: [RecordedStretch]) -> EvaluationReplay {
    var replay = EvaluationReplay(settings, model: model, analyzers: analyzers)
    for stretch in stretches { replay.play(stretch) }
    return replay
  }

  func result(_ row: EvaluationRow) -> RecordingResult {
    var result = RecordingResult(row)
    if row.role != .diagnose, model != nil { result.add(play([row.stretch]).seen) }
    if row.role != .shift { result.namedFault = NamingAnswer(row.stretch) }
    return result
  }

  /// The rows of a life joined; `nil` without any, or where nothing could be learned.
  func life(_ rows: [EvaluationRow]) -> RecordingResult? {
    let rows = rows.sorted { $0.stretch.timeStartSeconds < $1.stretch.timeStartSeconds }
    guard let first = rows.first, model != nil else { return nil }
    var result = RecordingResult(first)
    var replay = EvaluationReplay(settings, model: model, analyzers: analyzers)
    var times = AlarmTimes()
    for stretch in rows.map(\.stretch) {
      for (index, samples) in stretch.snapshots.enumerated() {
        replay.play(samples, of: stretch)
        let startSeconds = stretch.timeStartSeconds + Double(index) * (stretch.intervalSeconds ?? 0)
        times.take(startSeconds, replay.outcome.state.verdict)
        result.trace.append(.init(seconds: startSeconds, probability: replay.outcome.state.probability))
      }
    }
    result.add(replay.seen)
    (result.alarms, result.lifeSeconds) = (times.alarms, times.endSeconds)
    return result
  }
}
