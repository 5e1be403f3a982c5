/// What was said of one recording, of one table, or of one life.
package struct RecordingResult: Sendable, Encodable {
  package var file: String
  package var group: String
  package var role: String
  package var label: String
  package var verdict: String?
  package var namedFault: NamingAnswer?
  package var maxProbability: Double?
  package var windows: Int?
  package var alarmWindows: Int?
  package var abstainedWindows: Int?
  /// Of a life or a table: from and to in seconds since its start; `nil`: still on.
  package var alarms: [[Double?]]?
  /// From the start of a life to the start of its last snapshot.
  package var lifeSeconds: Double?
  /// Of a life or a table, for reports.
  package var trace: [Moment] = []
  /// Rows of a table that are labelled as an anomaly: from and to in seconds.
  package var labelled: [[Double]] = []
  /// Of the windows that were decided.
  var probabilities: [Double] = []
  /// Why windows were not decided, by reason.
  package var reasons: [String: Int] = [:]
  /// Of a table: of each row that was decided, with its label.
  var rowProbabilities: [(probability: Double, isFault: Bool)] = []
  /// Of a table.
  var rows: RowCounts?
  /// Not printed a second time: it stands in `data_sets`.
  package var dataSet: String
  package var isHealthy: Bool { label.hasPrefix("healthy") }
  package var isAlarmed: Bool { verdict == "warning" || verdict == "alarm" }
  /// A table's label is a row's, not the file's.
  package var isTable: Bool { rows != nil }
  var isJudgedAsAWhole: Bool { role == "test" && verdict != nil && !isTable }

  package struct Moment: Sendable, Equatable {
    package var seconds: Double
    /// `nil`: not decided.
    package var probability: Double?
  }

  init(_ row: EvaluationRow) {
    self.init(file: row.file, dataSet: row.dataSet, group: row.group, role: row.role.rawValue, label: row.label)
  }

  init(file: String, dataSet: String, group: String, role: String, label: String) {
    (self.file, self.dataSet, self.group, self.role, self.label) = (file, dataSet, group, role, label)
  }

  mutating func add(_ seen: [EvaluationReplay.Seen]) {
    verdict = (seen.map(\.verdict).max() ?? .abstain(.noData)).name
    windows = seen.count
    alarmWindows = seen.count { $0.isAlarm }
    abstainedWindows = seen.count { $0.isUndecided }
    reasons = seen.reduce(into: [:]) { counts, seen in
      if let reason = seen.said.reason { counts[reason, default: 0] += 1 }
    }
    probabilities = seen.compactMap { $0.isUndecided ? nil : $0.probability }
    maxProbability = probabilities.max()
  }

  private enum CodingKeys: String, CodingKey {
    case file, group, role, label, verdict, namedFault, maxProbability, windows, alarmWindows, abstainedWindows, alarms
  }
}
