import Signal

/// Rows of a manifest in, figures out. Pure: the same rows give the same figures.
package struct Evaluation: Sendable, Encodable {
  package private(set) var dataSets: [DataSetFigures] = []
  package private(set) var recordings: [RecordingResult] = []

  /// - Parameter progress: told before each group, by its name.
  package init(of rows: [EvaluationRow], _ settings: EvaluationSettings, progress: (String) -> Void = { _ in }) {
    let analyzers = Analyzers()
    var baselines: [String: (set: String, windows: Int)] = [:]
    for group in Self.inOrder(rows.map(\.group)) {
      progress(group)
      let own = rows.filter { $0.group == group }
      let judge = GroupJudge(baseline: own.filter { $0.role == .baseline }.map(\.stretch), settings, analyzers)
      if judge.baselineWindows > 0 { baselines[group] = (own[0].dataSet, judge.baselineWindows) }
      recordings += own.filter { $0.role == .test || $0.role == .diagnose }.map(judge.result)
      if let life = judge.life(own.filter { $0.role == .run }) { recordings.append(life) }
    }
    dataSets = Self.inOrder(rows.map(\.dataSet)).map { name in
      let learned = baselines.values.filter { $0.set == name }
      return DataSetFigures(name, baselines: learned.map(\.windows), recordings.filter { $0.dataSet == name })
    }
  }

  private static func inOrder(_ names: [String]) -> [String] {
    var known: Set<String> = []
    return names.filter { known.insert($0).inserted }
  }
}

/// One machine and point: learned once, then every recording is judged by a point that starts afresh.
private struct GroupJudge {
  private(set) var baselineWindows = 0
  private var settings = PointSettings()
  private var model: PointModel?
  private let analyzers: Analyzers

  init(baseline: [RecordedStretch], _ wanted: EvaluationSettings, _ analyzers: Analyzers) {
    self.analyzers = analyzers
    let shortest = baseline.flatMap(\.snapshots).map(\.count).min() ?? wanted.windowSamples
    settings.windowSamples = max(64, min(wanted.windowSamples, shortest) & ~1)
    settings.overlap = wanted.overlap
    guard !baseline.isEmpty else { return }
    settings.baselineWindows = .max
    baselineWindows = play(baseline).outcome.baseline.count
    settings.baselineWindows = baselineWindows
    model = baselineWindows > 0 ? play(baseline).model : nil
  }

  private func play(_ stretches: [RecordedStretch]) -> EvaluationReplay {
    var replay = EvaluationReplay(settings, model: model, analyzers: analyzers)
    for stretch in stretches { replay.play(stretch) }
    return replay
  }

  func result(_ row: EvaluationRow) -> RecordingResult {
    var result = RecordingResult(row)
    if row.role == .test, model != nil { result.add(play([row.stretch]).seen) }
    result.namedFault = NamingAnswer(row.stretch)
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
        times.take(startSeconds, isOn: replay.outcome.state.verdict.priority != nil)
      }
    }
    result.add(replay.seen)
    (result.alarms, result.lifeSeconds) = (times.alarms, times.endSeconds)
    return result
  }
}

/// When an alarm was on.
private struct AlarmTimes {
  private(set) var alarms: [[Double?]] = []
  private(set) var endSeconds = 0.0
  private var isOn = false

  mutating func take(_ seconds: Double, isOn now: Bool) {
    endSeconds = seconds
    if now, !isOn { alarms.append([seconds, nil]) }
    if !now, isOn { alarms[alarms.count - 1][1] = seconds }
    isOn = now
  }
}
