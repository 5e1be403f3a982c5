import Anomaly
import Signal
import Terminal

/// One line an alarm: how bad, how it stands, since when, who has it, and for how long it is still put aside.
enum AlarmTable {
  static func rendered(_ alarms: [Alarm]) -> String {
    guard !alarms.isEmpty else { return "No alarm stands." }
    let asideToo = alarms.contains(where: \.isSuppressed)
    var table = Table(["id", "priority", "state", "since", "who"] + (asideToo ? ["for"] : []) + ["points"])
    for alarm in alarms {
      table.add(
        [
          .init(alarm.id), .init(alarm.priority.rawValue, alarm.priority == .alarm ? .bad : .warning),
          .init(words(alarm.state)), .init(alarm.raisedAt.local), .init(alarm.suppressedBy ?? alarm.acknowledgedBy ?? "-"),
        ] + (asideToo ? [.init(left(alarm))] : [])
          + [.init(alarm.members.map(\.point).joined(separator: ", "))])
    }
    return table.rendered(within: Screen.columns)
  }

  private static func left(_ alarm: Alarm) -> String {
    guard alarm.isSuppressed else { return "-" }
    return alarm.suppressedUntil.map { span(seconds: $0.seconds(since: .now)) } ?? "ever"
  }

  private static func words(_ state: Alarm.State) -> String {
    switch state {
    case .returned: "returned"
    case .outOfService: "out of service"
    case .unacknowledged, .acknowledged, .closed, .shelved: state.rawValue
    }
  }
}
