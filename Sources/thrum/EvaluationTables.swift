import Anomaly
import Signal
import Terminal

/// What `thrum evaluate` shows people: a table per data set and what naming answered.
enum EvaluationTables {
  static func text(_ evaluation: Evaluation) -> String {
    let sets = evaluation.dataSets.map { figures($0) }
    return (sets + [naming(evaluation.recordings)]).filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private static func figures(_ set: DataSetFigures) -> String {
    var table = Table([set.name, "count"], numbers: [1])
    func add(_ name: String, _ value: Int?, of whole: Int? = nil) {
      if let value { table.add(name, whole.map { "\(value) of \($0)" } ?? "\(value)") }
    }
    add("windows learned from", set.baselineWindows)
    add("faults detected", set.detected, of: set.faultRecordings)
    add("false alarms", set.falseAlarms, of: set.healthyRecordings)
    add("healthy windows in alarm", set.windowFalseAlarms, of: set.healthyWindows)
    add("faults named right", set.faultNamedRight)
    add("faults named wrong", set.faultNamedWrong)
    add("faults not named", set.faultUnnamed)
    add("healthy but named", set.healthyNamed)
    add("lives in alarm at the end", set.standingAtEnd, of: set.lives)
    add("lives in alarm for 10 min or longer", set.lead_10min, of: set.lives)
    add("lives with an early alarm", set.early, of: set.lives)
    add("alarms of lives that cleared", set.cleared)
    add("windows of another machine, not decided", set.outOfDistribution, of: set.windows)
    addRates(set, &table)
    return table.rendered()
  }

  private static func addRates(_ set: DataSetFigures, _ table: inout Table) {
    func add(_ name: String, _ value: Double?, _ unit: String = "") {
      if let value { table.add(name, "\((value * 1000).rounded() / 1000)\(unit)") }
    }
    add("precision", set.precision)
    add("recall", set.recall)
    add("F1 of rows", set.f1)
    add("false alarms among healthy rows", set.falseAlarmRatePct, " %")
    add("missed among anomalous rows", set.missedAlarmRatePct, " %")
    add("area under ROC, windows", set.rocAuc)
    add("area under precision-recall, windows", set.prAuc)
    add("calibration error, windows", set.expectedCalibrationError)
    add("median lead of lives", set.medianLeadH, " h")
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
