import Anomaly
import Contracts
import Signal

/// What people said, and the alarms and points as they stand after it. Applied after the batch it is committed with.
package struct PeopleChange: Sendable, Equatable {
  package var alarms: [Alarm] = []
  /// `nil`: the point counts again.
  package var suppressions: [PointID: Suppression?] = [:]
  /// `nil`: the point may learn again.
  package var learningStops: [PointID: LearningStop?] = [:]
  /// Points whose baseline and model are to be forgotten.
  package var forgotten: [PointID] = []
  package var labels: [LabelRow] = []
  package var maintenance: [MaintenanceRow] = []
  package var audit: [AuditRow] = []

  package init() {}

  /// The alarm as it stands; replaces what was noted of it before.
  package mutating func note(_ alarm: Alarm) {
    alarms.removeAll { $0.id == alarm.id }
    alarms.append(alarm)
  }
}

/// Somebody told a point to learn nothing.
package struct LearningStop: Sendable, Equatable {
  package var by: String
  package var since: UnixTime

  package init(by: String, since: UnixTime) {
    self.by = by
    self.since = since
  }
}
