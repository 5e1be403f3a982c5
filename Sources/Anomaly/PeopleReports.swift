/// A point was taken out of service or put back.
package struct PointAnswer: Sendable, Codable, Equatable {
  /// Left out where its time was over.
  package var by: String?
  /// RFC 3339.
  package var until: String?
  package var note: String?

  package init(by person: String?, until: String? = nil, note: String? = nil) {
    by = person
    self.until = until
    self.note = note
  }
}

/// Somebody said what an alarm was, or what a point does.
package struct LabelReport: Sendable, Codable, Equatable {
  /// The alarm, where one is meant.
  package var alarm: String?
  /// `good`, `bad` or `unsure`.
  package var label: String
  package var fault: String?
  package var note: String?
  package var by: String

  package init(alarm: String?, label: String, fault: String?, note: String?, by person: String) {
    self.alarm = alarm
    self.label = label
    self.fault = fault
    self.note = note
    by = person
  }
}

/// Somebody worked on a machine.
package struct MaintenanceReport: Sendable, Codable, Equatable {
  package var note: String
  package var resetBaseline: Bool
  package var by: String

  package init(note: String, resetBaseline: Bool, by person: String) {
    self.note = note
    self.resetBaseline = resetBaseline
    by = person
  }
}

/// Somebody started, stopped or reset a point's learning.
package struct LearningReport: Sendable, Codable, Equatable {
  /// `start`, `stop` or `reset`.
  package var action: String
  package var by: String

  package init(action: String, by person: String) {
    self.action = action
    by = person
  }
}
