import Anomaly
import Plots
import Signal

/// An evaluation as a page: per data set its figures, curves, lives and recordings.
enum EvaluationReport {
  static func page(_ evaluation: Evaluation, manifest: String, version: String) -> ReportPage {
    let facts: [SpectrumPage.Fact] = [
      .init("manifest", manifest), .init("thrum", version), .init("recordings judged", "\(evaluation.recordings.count)"),
    ]
    let sets = evaluation.dataSets.map { set in
      ReportPage.Section(
        set.name, section(set, evaluation.recordings.filter { $0.dataSet == set.name }, evaluation.curves[set.name]))
    }
    return ReportPage(title: "Evaluation", facts: facts, sections: [summary(evaluation)] + sets + robustness(evaluation))
  }

  /// One row per data set: what there was to find, what was found, what was said for nothing.
  private static func summary(_ evaluation: Evaluation) -> ReportPage.Section {
    let rows = evaluation.dataSets.map { set in
      [
        set.name, of(set.detected, set.faultRecordings), of(set.falseAlarms, set.healthyRecordings),
        of(set.windowFalseAlarms, set.healthyWindows), of(set.standingAtEnd, set.lives), of(set.early, set.lives),
        set.f1.map { "\(($0 * 1000).rounded() / 1000) at \(((set.falseAlarmRatePct ?? 0) * 10).rounded() / 10) %" } ?? "–",
      ].map { ReportTable.Cell($0) }
    }
    let headings = [
      "data set", "faults detected", "false alarms", "healthy windows in alarm", "lives in alarm at the end", "early alarms",
      "tables: F1 at false alarms",
    ]
    return .init("Summary", [.table(ReportTable(headings, rows))])
  }

  private static func of(_ count: Int?, _ whole: Int?) -> String {
    count.flatMap { count in whole.map { "\(count) of \($0)" } } ?? "–"
  }

  private static func robustness(_ evaluation: Evaluation) -> [ReportPage.Section] {
    var sections: [ReportPage.Section] = []
    if let rows = evaluation.robustness, !rows.isEmpty {
      let cells = rows.map { RobustnessTables.cells($0).map { ReportTable.Cell($0) } }
      let table = ReportTable(RobustnessTables.disturbedHeadings, cells)
      sections.append(.init("Robustness", [.text(disturbed), .table(table)]))
    }
    if let rows = evaluation.strangeInput, !rows.isEmpty {
      let cells = rows.map { row in
        RobustnessTables.cells(row).enumerated().map { index, text in
          let wrong = [3: row.normalWindows, 7: row.stoodNormal][index] ?? 0
          let isWrong = row.input != "none" && wrong > 0
          return ReportTable.Cell(text, isWrong ? .bad : .plain)
        }
      }
      sections.append(.init("Strange signals", [.text(strange), .table(ReportTable(RobustnessTables.strangeHeadings, cells))]))
    }
    if let rows = evaluation.evasion, !rows.isEmpty {
      let cells = rows.map { RobustnessTables.cells($0).map { ReportTable.Cell($0) } }
      sections.append(.init("Evasion", [.text(evasion), .table(ReportTable(RobustnessTables.evasionHeadings, cells))]))
    }
    return sections
  }

  private static let evasion = """
    Features of faulty windows moved on purpose, each by at most the budget, until they pass for normal: one step against the gradient
    (FGSM), many (PGD), and a search that knows scores only. No signal need have such features: it tells how far from the limit faults lie.
    """

  private static let disturbed =
    "All tests of a data set once more, each signal disturbed; the models are those learned from undisturbed ones."
  private static let strange = """
    Healthy recordings replaced by what a broken sensor, a wrong wire or another operating state delivers. An alarm or an abstention is
    right, normal is not. Windows are counted before debouncing, in the column before the last after it; frames that fail a check reach
    no window.
    """

  private static func section(_ set: DataSetFigures, _ results: [RecordingResult], _ curves: DetectionCurves?) -> [ReportBlock] {
    var blocks: [ReportBlock] = [.facts(EvaluationTables.figures(set).map { .init($0.name, $0.value) })]
    if let curves { blocks += [.charts(charts(curves, EvaluationTables.judged(set))), .text(reading)] }
    let lasting = results.filter { $0.alarms != nil }
    if !lasting.isEmpty { blocks.append(.text(timelines)) }
    blocks += lasting.map { .timeline(timeline($0)) }
    if !results.isEmpty { blocks.append(.table(table(results))) }
    return blocks
  }

  private static let reading = """
    Each point of the first two curves is a threshold on a window's (in tables: a row's) probability. On few recordings of one rig these areas are soon 1 and
    prove little: count recordings. In the reliability diagram a dot is one of ten bins of probability, as large as its share of
    windows; on the diagonal, probability is the share of faulty windows.
    """

  private static let timelines = """
    Probability over time; filled: a warning or alarm was on, after debouncing. A strip below the axis is what was labelled afterwards.
    """

  /// - Parameter judged: `windows`, or `rows` of tables.
  private static func charts(_ curves: DetectionCurves, _ judged: String) -> [UnitChart] {
    let windows = Double(max(1, curves.reliability.reduce(0) { $0 + $1.windows }))
    return [
      UnitChart(
        "Receiver operating characteristic, \(judged)", x: "false alarm rate", y: "detection rate",
        curves.roc.map { .init(x: $0.x, y: $0.y) }, hasDiagonal: true),
      UnitChart(
        "Precision over recall, \(judged)", x: "recall", y: "precision", curves.precisionRecall.map { .init(x: $0.x, y: $0.y) }),
      UnitChart(
        "Reliability, \(judged) in ten bins", x: "mean probability", y: "share of faulty \(judged)",
        curves.reliability.map { .init(x: $0.meanProbability, y: $0.faultShare, weight: Double($0.windows) / windows) },
        isCurve: false, hasDiagonal: true),
    ]
  }

  private static func timeline(_ result: RecordingResult) -> Timeline {
    let curve = result.trace.compactMap { moment in moment.probability.map { UnitChart.Point(x: moment.seconds, y: $0) } }
    return Timeline(
      "\(result.file) (\(result.label))", duration: result.lifeSeconds ?? 0, curve: curve, alarms: result.alarms ?? [],
      labelled: result.labelled)
  }

  private static func table(_ results: [RecordingResult]) -> ReportTable {
    ReportTable(
      EvaluationTables.recordingHeadings,
      results.map { result in
        EvaluationTables.recordingCells(result).enumerated().map { index, text in
          .init(text, index == 2 ? tone(result) : .plain)
        }
      })
  }

  /// Green and red where a recording's label says what would be right.
  private static func tone(_ result: RecordingResult) -> ReportTable.Cell.Tone {
    guard result.role == "test", !result.isTable, result.verdict != nil else { return .plain }
    if result.verdict == "abstain" { return .faint }
    return result.isAlarmed == result.isHealthy ? .bad : .good
  }
}
