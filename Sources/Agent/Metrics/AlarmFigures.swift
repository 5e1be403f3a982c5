import Anomaly
import Contracts
import Signal
import Store

extension MetricsFigures {
  /// What the newest alarms were worth, by what people said of them.
  func alarms(_ reader: StoreReader, _ out: inout OpenMetrics) throws(StoreError) {
    let alarms = try reader.alarms(newest: Self.newest)
    let priorities = Alarm.Priority.allCases
    let standing = priorities.flatMap { priority in
      Alarm.State.allCases.filter { $0 != .closed }.map { state in
        (
          [("priority", priority.rawValue), ("state", state.rawValue)],
          Optional(Double(alarms.count { $0.priority == priority && $0.state == state }))
        )
      }
    }
    out.family("thrum_alarms", .gauge, "Alarms that are not closed.", standing)
    out.gauge(
      "thrum_mean_time_to_clear_seconds", "From raised to cleared, of the newest 200 alarms that cleared (MTTR).",
      unit: "seconds",
      Self.mean(alarms.compactMap { alarm in alarm.clearedAt.map { $0.seconds(since: alarm.raisedAt) } }))
    out.gauge(
      "thrum_mean_time_to_detect_seconds",
      "From the last row of history before the rise in which a point was normal until the alarm was raised, an upper bound (MTTD).",
      unit: "seconds", try timeToDetect(alarms, reader))
    let figures = LabelFigures(try reader.labels(), alarms)
    out.family(
      "thrum_labels", .gauge, "Alarms and points by what people called them.",
      Label.Word.allCases.map { ([("label", $0.rawValue)], Double(figures.counts[$0] ?? 0)) })
    out.gauge("thrum_label_precision", "Alarms labelled bad of those labelled good or bad.", figures.precision)
    out.gauge("thrum_label_recall", "Faults that people labelled for which there was an alarm.", figures.recall)
    out.gauge("thrum_label_f1", "Harmonic mean of both.", figures.f1)
  }

  private static let newest = 200

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Of the newest few: a scrape must not read all history.
  private func timeToDetect(_ alarms: [Alarm], _ reader: StoreReader) throws(StoreError) -> Double? {
    var times: [Double] = []
    for alarm in alarms.prefix(10) {
      guard let point = alarm.members.first else { continue }
      let rows = try reader.trend(of: point, newest: 2880)
      guard let last = rows.last(where: { $0.verdict == .normal && $0.time <= alarm.raisedAt }) else { continue }
      times.append(alarm.raisedAt.seconds(since: last.time))
    }
    return Self.mean(times)
  }
}

/// Precision and recall from what people said. An alarm labelled bad was right, one labelled good was not; a point labelled bad while
/// no alarm had it was missed. Who is unsure counts nowhere.
struct LabelFigures {
  let counts: [Label.Word: Int]
  let precision: Double?
  let recall: Double?
  let f1: Double?

  init(_ labels: [String: LabelRow], _ alarms: [Alarm]) {
    counts = Dictionary(labels.values.map { ($0.label, 1) }, uniquingKeysWith: +)
    let ofAlarms = labels.values.filter { $0.subject.contains("#") }
    let right = ofAlarms.count { $0.label == .bad }
    let wrong = ofAlarms.count { $0.label == .good }
    let missed = labels.values.count { row in
      !row.subject.contains("#") && row.label == .bad && !alarms.contains { Self.had($0, row) }
    }
    precision = right + wrong == 0 ? nil : Double(right) / Double(right + wrong)
    recall = right + missed == 0 ? nil : Double(right) / Double(right + missed)
    f1 = right == 0 ? nil : 2 * Double(right) / Double(2 * right + wrong + missed)
  }

  private static func had(_ alarm: Alarm, _ row: LabelRow) -> Bool {
    alarm.members.contains { $0.description == row.subject } && alarm.raisedAt <= row.at && (alarm.clearedAt ?? row.at) >= row.at
  }
}
