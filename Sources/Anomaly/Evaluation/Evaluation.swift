import Signal

/// Rows of a manifest in, figures out. Pure: the same rows give the same figures.
/// What each row is judged by stands in `docs/MODELS.md`.
package struct Evaluation: Sendable, Encodable {
  package private(set) var dataSets: [DataSetFigures] = []
  package private(set) var recordings: [RecordingResult] = []
  /// By data set, where windows of both kinds were judged; for reports.
  package private(set) var curves: [String: DetectionCurves] = [:]

  /// How the figures change when signals are disturbed, where that was asked for.
  package private(set) var robustness: [RobustnessRow]?
  /// What is said of signals that should not be there, where that was asked for.
  package private(set) var strangeInput: [StrangeInputRow]?
  /// How little would hide a fault from what was learned, where that was asked for.
  package private(set) var evasion: [EvasionRow]?

  /// - Parameter progress: told before each group, table and disturbance, by its name.
  package init(
    of rows: [EvaluationRow], tables: [EvaluationTable] = [], _ settings: EvaluationSettings,
    progress: (String) -> Void = { _ in }
  ) {
    let analyzers = Analyzers()
    var baselines: [String: (set: String, windows: Int)] = [:]
    var judges: [JudgedGroup] = []
    for group in Self.inOrder(rows.map(\.group)) {
      progress(group)
      let own = rows.filter { $0.group == group }
      let judge = GroupJudge(baseline: own.filter { $0.role == .baseline }.map(\.stretch), settings, analyzers)
      if judge.baselineWindows > 0 { baselines[group] = (own[0].dataSet, judge.baselineWindows) }
      recordings += own.filter { [.test, .diagnose, .shift].contains($0.role) }.map(judge.result)
      if settings.isRobustness, judge.isReady {
        judges.append(JudgedGroup(name: group, dataSet: own[0].dataSet, judge: judge, rows: own))
      }
      if let life = judge.life(own.filter { $0.role == .run }) { recordings.append(life) }
    }
    for table in tables {
      progress(table.file)
      let (result, learned) = table.result()
      recordings.append(result)
      baselines[table.group] = (table.dataSet, (baselines[table.group]?.windows ?? 0) + learned)
    }
    if settings.isRobustness {
      robustness = RobustnessRow.table(judges, progress)
      strangeInput = StrangeInputRow.table(judges, progress)
      evasion = EvasionRow.table(judges, progress)
    }
    dataSets = Self.inOrder(rows.map(\.dataSet) + tables.map(\.dataSet)).map { name in
      let learned = baselines.values.filter { $0.set == name }
      let own = recordings.filter { $0.dataSet == name }
      let whole = own.filter(\.isJudgedAsAWhole)
      curves[name] = Probabilities(whole.isEmpty ? own.filter(\.isTable) : whole).curves
      return DataSetFigures(name, baselines: learned.map(\.windows), recordings.filter { $0.dataSet == name })
    }
  }

  private enum CodingKeys: String, CodingKey { case dataSets, recordings, robustness, strangeInput, evasion }

  private static func inOrder(_ names: [String]) -> [String] {
    var known: Set<String> = []
    return names.filter { known.insert($0).inserted }
  }
}
