/// What was said of one recording, or of one life.
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
  /// Of a life: from and to in seconds since its start; `nil`: still on.
  package var alarms: [[Double?]]?
  /// From the start of a life to the start of its last snapshot.
  package var lifeSeconds: Double?
  /// Of the windows that were decided.
  var probabilities: [Double] = []
  /// Not printed a second time: it stands in `data_sets`.
  package var dataSet: String
  package var isHealthy: Bool { label.hasPrefix("healthy") }
  package var isAlarmed: Bool { verdict == "warning" || verdict == "alarm" }

  init(_ row: EvaluationRow) {
    (file, group, role, label, dataSet) = (row.file, row.group, row.role.rawValue, row.label, row.dataSet)
  }

  mutating func add(_ seen: [EvaluationReplay.Seen]) {
    verdict = (seen.map(\.verdict).max() ?? .abstain(.noData)).name
    windows = seen.count
    alarmWindows = seen.count { $0.isAlarm }
    abstainedWindows = seen.count { $0.probability == nil }
    probabilities = seen.compactMap(\.probability)
    maxProbability = probabilities.max()
  }

  private enum CodingKeys: String, CodingKey {
    case file, group, role, label, verdict, namedFault, maxProbability, windows, alarmWindows, abstainedWindows, alarms
  }
}
