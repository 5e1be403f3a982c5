import Anomaly
import Signal
import Terminal

/// What `thrum evaluate` shows people: a table per data set, what was said of each recording, and what naming answered.
enum EvaluationTables {
  static func text(_ evaluation: Evaluation) -> String {
    let sets = evaluation.dataSets.map { set in
      var table = Table([set.name, "figure"], numbers: [1])
      for (name, value) in figures(set) { table.add(name, value) }
      return table.rendered()
    }
    let others = [
      recordings(evaluation.recordings), naming(evaluation.recordings), robustness(evaluation), strange(evaluation),
      evasion(evaluation),
    ]
    return (sets + others).filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// Figures of a data set in words; what does not apply is left out.
  static func figures(_ set: DataSetFigures) -> [(name: String, value: String)] { counts(set) + rates(set) }

  private static func counts(_ set: DataSetFigures) -> [(name: String, value: String)] {
    let all: [(String, Int?, Int?)] = [
      ("windows learned from", set.baselineWindows, nil),
      ("faults detected", set.detected, set.faultRecordings),
      ("false alarms", set.falseAlarms, set.healthyRecordings),
      ("healthy windows in alarm", set.windowFalseAlarms, set.healthyWindows),
      ("windows not decided", set.abstainedWindows, nil),
      ("faults named right", set.faultNamedRight, nil),
      ("faults named wrong", set.faultNamedWrong, nil),
      ("faults not named", set.faultUnnamed, nil),
      ("healthy but named", set.healthyNamed, nil),
      ("lives in alarm at the end", set.standingAtEnd, set.lives),
      ("lives in alarm for 10 min or longer", set.lead_10min, set.lives),
      ("lives with an early alarm", set.early, set.lives),
      ("alarms of lives that cleared", set.cleared, nil),
      ("windows of another machine, not decided", set.outOfDistribution, set.windows),
    ]
    return all.compactMap { name, count, whole in
      count.map { count in (name, whole.map { "\(count) of \($0)" } ?? "\(count)") }
    }
  }

  private static func rates(_ set: DataSetFigures) -> [(name: String, value: String)] {
    let judged = judged(set)
    let all: [(String, Double?, String)] = [
      ("precision", set.precision, ""),
      ("recall", set.recall, ""),
      ("F1 of rows", set.f1, ""),
      ("false alarms among healthy rows", set.falseAlarmRatePct, " %"),
      ("missed among anomalous rows", set.missedAlarmRatePct, " %"),
      ("area under ROC, \(judged)", set.rocAuc, ""),
      ("area under precision-recall, \(judged)", set.prAuc, ""),
      ("calibration error, \(judged)", set.expectedCalibrationError, ""),
      ("calibration error with labels of the other half", set.labelledCalibrationError, ""),
      ("median lead of lives", set.medianLeadH, " h"),
    ]
    return all.compactMap { name, value, unit in value.map { (name: name, value: rounded($0) + unit) } }
  }

  /// What a data set's probabilities are of.
  static func judged(_ set: DataSetFigures) -> String { set.healthyWindows == nil ? "rows" : "windows" }

  private static func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}

// MARK: - Recordings

extension EvaluationTables {
  static let recordingHeadings = [
    "recording", "label", "verdict", "named", "windows", "in alarm", "not decided", "highest probability",
  ]

  static func recordingCells(_ result: RecordingResult) -> [String] {
    let counts = [result.windows, result.alarmWindows].map { $0.map { "\($0)" } ?? "–" }
    let undecided = result.abstainedWindows.map { RobustnessTables.counted($0, result.reasons) } ?? "–"
    let named = result.namedFault.map { $0.fault?.rawValue ?? "none" } ?? "–"
    return [result.file, result.label, result.verdict ?? "–", named] + counts
      + [undecided, result.maxProbability.map(rounded) ?? "–"]
  }

  private static func recordings(_ all: [RecordingResult]) -> String {
    if all.isEmpty { return "" }
    var table = Table(recordingHeadings, numbers: [4, 5, 6, 7])
    for result in all { table.add(recordingCells(result).map { Table.Cell($0) }) }
    return table.rendered()
  }

  private static func robustness(_ evaluation: Evaluation) -> String {
    rendered(RobustnessTables.disturbedHeadings, (evaluation.robustness ?? []).map(RobustnessTables.cells))
  }

  private static func strange(_ evaluation: Evaluation) -> String {
    rendered(RobustnessTables.strangeHeadings, (evaluation.strangeInput ?? []).map(RobustnessTables.cells))
  }

  private static func evasion(_ evaluation: Evaluation) -> String {
    rendered(RobustnessTables.evasionHeadings, (evaluation.evasion ?? []).map(RobustnessTables.cells))
  }

  private static func rendered(_ headings: [String], _ rows: [[String]]) -> String {
    if rows.isEmpty { return "" }
    var table = Table(headings, numbers: [2, 3])
    for row in rows { table.add(row.map { Table.Cell($0) }) }
    return table.rendered()
  }

  /// A row per label, a column per answer.
  private static func naming(_ all: [RecordingResult]) -> String {
    let answered = all.filter { $0.namedFault != nil }
    if answered.isEmpty { return "" }
    var table = Table(["label", "inner", "outer", "ball", "cage", "none"], numbers: [1, 2, 3, 4, 5])
    for label in Set(answered.map(\.label)).sorted() {
      let answers = answered.filter { $0.label == label }.map { $0.namedFault?.fault?.rawValue ?? "none" }
      let counts = ["inner", "outer", "ball", "cage", "none"].map { name in Table.Cell("\(answers.count { $0 == name })") }
      table.add([Table.Cell(label)] + counts)
    }
    return table.rendered()
  }
}
