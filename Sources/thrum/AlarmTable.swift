import Anomaly
import Signal
import Terminal

/// One line an alarm: how bad, how it stands, since when, who has it, and until when it is put aside.
enum AlarmTable {
  static func rendered(_ alarms: [Alarm]) -> String {
    guard !alarms.isEmpty else { return "No alarm stands." }
    let asideToo = alarms.contains(where: \.isSuppressed)
    var table = Table(["id", "priority", "state", "since", "who"] + (asideToo ? ["until"] : []) + ["points"])
    for alarm in alarms {
      table.add(
        [
          .init(alarm.id), .init(alarm.priority.rawValue, alarm.priority == .alarm ? .bad : .warning),
          .init(alarm.state.rawValue), .init(alarm.raisedAt.local), .init(alarm.suppressedBy ?? alarm.acknowledgedBy ?? "-"),
        ] + (asideToo ? [.init(alarm.suppressedUntil?.local ?? "-")] : [])
          + [.init(alarm.members.map(\.point).joined(separator: ", "))])
    }
    return table.rendered()
  }
}
