import Signal

/// The debounced verdict of a point changed.
package struct VerdictChange: Sendable {
  /// Position of the message in its batch.
  package var arrival: Int
  package var time: UnixTime
  package var point: PointID
  package var verdict: Verdict
  package var explanation: Explanation

  package init(arrival: Int, time: UnixTime, point: PointID, verdict: Verdict, explanation: Explanation) {
    self.arrival = arrival
    self.time = time
    self.point = point
    self.verdict = verdict
    self.explanation = explanation
  }
}

/// The alarms of all machines. Points of one machine may be worked on apart: their changes meet here, in order of arrival.
package struct MachineAlarms: Sendable {
  private var machines: [String: MachineAlarm] = [:]

  /// - Parameters:
  ///   - newest: the last alarm of each machine, open or not.
  ///   - standing: debounced verdicts as they were stored.
  package init(newest: [Alarm] = [], standing: [PointID: Verdict] = [:]) {
    for alarm in newest {
      let points = standing.filter { $0.key.machine == alarm.machine }
      machines[alarm.machine] = MachineAlarm(machine: alarm.machine, newest: alarm, standing: points)
    }
  }

  /// Takes a batch's verdict changes and adds to the outcomes that made them the alarms as they stand and what is told of them.
  package mutating func settle(_ outcomes: inout [PointOutcome]) {
    let changes = outcomes.indices.flatMap { index in outcomes[index].changes.map { (index, $0) } }
    var changed: [(id: String, outcome: Int, alarm: Alarm)] = []
    for (index, change) in changes.sorted(by: { $0.1.arrival < $1.1.arrival }) {
      guard let step = machines[change.point.machine, default: MachineAlarm(machine: change.point.machine)].take(change) else {
        continue
      }
      changed.removeAll { $0.id == step.alarm.id }
      changed.append((step.alarm.id, index, step.alarm))
      guard let kind = step.kind else { continue }
      outcomes[index].occurrences.append(
        Occurrence(arrival: change.arrival, time: change.time, subject: change.point.machine, kind: kind))
    }
    for entry in changed { outcomes[entry.outcome].alarms.append(entry.alarm) }
  }

  /// Somebody answers an alarm; `nil` when there is nothing to answer.
  package mutating func acknowledge(_ id: String, by person: String, at time: UnixTime) -> Alarm? {
    for (name, var machine) in machines where machine.alarm?.id == id {
      defer { machines[name] = machine }
      return machine.acknowledge(by: person, at: time)?.alarm
    }
    return nil
  }
}
