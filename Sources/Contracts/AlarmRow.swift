import Anomaly
import Signal

/// One alarm as `thrum alarms --json` and `thrum explain --json` print it.
package struct AlarmRow: Codable, Sendable, Equatable {
  package var id: String
  package var machine: String
  package var points: [String]
  package var state: String
  package var priority: Alarm.Priority
  package var raisedAt: String
  package var changedAt: String
  @OrNull package var clearedAt: String?
  @OrNull package var acknowledgedBy: String?
  /// While it is shelved or out of service; without an end: until somebody puts it back.
  @OrNull package var suppressedBy: String?
  @OrNull package var suppressedUntil: String?
  @OrNull package var note: String?
  package var explanation: Explanation
  /// What somebody said it was; left out while nobody did.
  package var label: LabelRow?

  package init(_ alarm: Alarm, label: LabelRow? = nil) {
    self.label = label
    id = alarm.id
    machine = alarm.machine
    points = alarm.members.map(\.point)
    state = alarm.state.rawValue
    priority = alarm.priority
    raisedAt = alarm.raisedAt.rfc3339
    changedAt = alarm.changedAt.rfc3339
    clearedAt = alarm.clearedAt?.rfc3339
    acknowledgedBy = alarm.acknowledgedBy
    suppressedBy = alarm.suppressedBy
    suppressedUntil = alarm.suppressedUntil?.rfc3339
    note = alarm.note
    explanation = alarm.explanation
  }
}
