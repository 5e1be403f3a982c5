/// A table with what is known about it. Only `table` reaches what judges; the labels wait until figures are added up.
package struct EvaluationTable: Sendable {
  package var file: String
  package var dataSet: String
  package var group: String
  package var label: String
  package var table: RecordedTable
  /// A label a row.
  package var isAnomalous: [Bool]

  package init(file: String, dataSet: String, group: String, label: String, table: RecordedTable, isAnomalous: [Bool]) {
    (self.file, self.dataSet, self.group, self.label) = (file, dataSet, group, label)
    (self.table, self.isAnomalous) = (table, isAnomalous)
  }

  /// Judged first, then compared with the labels.
  func result() -> (result: RecordingResult, learnedMeans: Int) {
    let verdicts = TableVerdicts(table)
    var result = RecordingResult(file: file, dataSet: dataSet, group: group, role: "test", label: label)
    result.add(verdicts.seen)
    var times = AlarmTimes()
    for (index, seen) in verdicts.seen.enumerated() {
      let seconds = Double(TableVerdicts.learnedRows + index) / table.sampleRateHz
      times.take(seconds, seen.verdict)
      result.trace.append(.init(seconds: seconds, probability: seen.probability))
    }
    (result.alarms, result.lifeSeconds) = (times.alarms, Double(table.rows.count) / table.sampleRateHz)
    result.labelled = labelled
    result.rowProbabilities = zip(verdicts.seen, isAnomalous.dropFirst(TableVerdicts.learnedRows)).compactMap {
      seen, isAnomalous in
      seen.probability.map { ($0, isAnomalous) }
    }
    result.rows = RowCounts(verdicts.seen, isAnomalous: isAnomalous.dropFirst(TableVerdicts.learnedRows))
    return (result, verdicts.learnedMeans)
  }
}

extension EvaluationTable {
  /// Rows labelled as an anomaly, from and to in seconds.
  private var labelled: [[Double]] {
    var spans: [[Double]] = []
    for index in isAnomalous.indices where isAnomalous[index] {
      let (from, to) = (Double(index) / table.sampleRateHz, Double(index + 1) / table.sampleRateHz)
      if index > 0, isAnomalous[index - 1] { spans[spans.count - 1][1] = to } else { spans.append([from, to]) }
    }
    return spans
  }
}

/// Rows of tables by what stood and what the label says.
struct RowCounts: Sendable, Equatable {
  var hits = 0, misses = 0, falseAlarms = 0, quiet = 0

  init() {}

  init(_ seen: [EvaluationReplay.Seen], isAnomalous: some Sequence<Bool>) {
    for (seen, isAnomalous) in zip(seen, isAnomalous) {
      switch (seen.verdict.priority != nil, isAnomalous) {
      case (true, true): hits += 1
      case (true, false): falseAlarms += 1
      case (false, true): misses += 1
      case (false, false): quiet += 1
      }
    }
  }

  mutating func add(_ other: RowCounts) {
    hits += other.hits
    misses += other.misses
    falseAlarms += other.falseAlarms
    quiet += other.quiet
  }

  var f1: Double? { Self.ratio(2 * hits, 2 * hits + falseAlarms + misses) }
  var precision: Double? { Self.ratio(hits, hits + falseAlarms) }
  var recall: Double? { Self.ratio(hits, hits + misses) }
  var falseAlarmRatePct: Double? { Self.ratio(100 * falseAlarms, falseAlarms + quiet) }
  var missedAlarmRatePct: Double? { Self.ratio(100 * misses, hits + misses) }

  private static func ratio(_ part: Int, _ whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
}
