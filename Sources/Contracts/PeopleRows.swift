import Anomaly
import Signal

/// Why a point's alarms are not shown, by whose word and until when.
package struct SuppressionRow: Codable, Sendable, Equatable {
  /// `shelved` or `out_of_service`.
  package var reason: String
  package var by: String
  package var since: String
  /// `null`: until somebody puts it back.
  @OrNull package var until: String?
  package var note: String?
  /// The alarm it was shelved with.
  package var alarm: String?
  /// What the point would say.
  package var verdict: String

  package init(_ suppression: Suppression, verdict: Verdict) {
    reason = suppression.reason.rawValue
    by = suppression.by
    since = suppression.since.rfc3339
    until = suppression.until?.rfc3339
    note = suppression.note
    alarm = suppression.alarm
    self.verdict = verdict.name
  }
}

/// The word of somebody who looked at an alarm or a point.
package struct LabelRow: Codable, Sendable, Equatable {
  /// An alarm's id, or `machine/point`.
  package var subject: String
  package var label: Label.Word
  @OrNull package var fault: String?
  @OrNull package var note: String?
  package var by: String
  package var at: UnixTime

  package init(subject: String, label: Label.Word, fault: String?, note: String?, by: String, at: UnixTime) {
    self.subject = subject
    self.label = label
    self.fault = fault
    self.note = note
    self.by = by
    self.at = at
  }
}

/// Somebody worked on a machine.
package struct MaintenanceRow: Codable, Sendable, Equatable {
  package var machine: String
  package var point: String
  package var note: String
  package var resetBaseline: Bool
  package var by: String
  package var at: UnixTime

  package init(machine: String, point: String, note: String, resetBaseline: Bool, by: String, at: UnixTime) {
    self.machine = machine
    self.point = point
    self.note = note
    self.resetBaseline = resetBaseline
    self.by = by
    self.at = at
  }
}

/// One thing that somebody changed, as the audit log keeps it.
package struct AuditRow: Codable, Sendable, Equatable {
  package var at: UnixTime
  package var uid: UInt32
  package var by: String
  package var role: Role
  package var call: String
  /// The call's JSON.
  package var request: String

  package init(_ call: some Call, by caller: Caller, at time: UnixTime) {
    at = time
    uid = caller.uid
    by = caller.name
    role = caller.role
    self.call = type(of: call).name
    request = JSON.text(call)
  }

  package init(at: UnixTime, uid: UInt32, by: String, role: Role, call: String, request: String) {
    self.at = at
    self.uid = uid
    self.by = by
    self.role = role
    self.call = call
    self.request = request
  }
}
