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
  ///   - suppressed: points that are shelved or out of service.
  package init(newest: [Alarm] = [], standing: [PointID: Verdict] = [:], suppressed: [PointID: Suppression] = [:]) {
    let alarms = Dictionary(newest.map { ($0.machine, $0) }) { $1 }
    for machine in Set(alarms.keys).union(suppressed.keys.map(\.machine)) {
      machines[machine] = MachineAlarm(
        machine: machine, newest: alarms[machine], standing: standing.filter { $0.key.machine == machine },
        suppressed: suppressed.filter { $0.key.machine == machine })
    }
  }

  /// Takes a batch's verdict changes and adds to the outcomes that made them the alarms as they stand and what is told of them.
  package mutating func settle(_ outcomes: inout [PointOutcome]) {
    let changes = outcomes.indices.flatMap { index in outcomes[index].changes.map { (index, $0) } }
    var changed: [(id: String, outcome: Int, alarm: Alarm)] = []
    for (index, change) in changes.sorted(by: { $0.1.arrival < $1.1.arrival }) {
      guard let step = with(change.point.machine, { $0.take(change) }) else { continue }
      if let alarm = step.alarm {
        changed.removeAll { $0.id == alarm.id }
        changed.append((alarm.id, index, alarm))
      }
      guard let kind = step.kind else { continue }
      outcomes[index].occurrences.append(
        Occurrence(arrival: change.arrival, time: change.time, subject: change.point.machine, kind: kind))
    }
    for entry in changed { outcomes[entry.outcome].alarms.append(entry.alarm) }
  }

  /// Alarms as they are stored, their times put right.
  package mutating func adopt(timesOf known: [Alarm]) {
    for alarm in known where machines[alarm.machine] != nil { with(alarm.machine) { $0.adopt(timesOf: alarm) } }
  }

  private mutating func with<Result>(_ machine: String, _ edit: (inout MachineAlarm) -> Result) -> Result {
    edit(&machines[machine, default: MachineAlarm(machine: machine)])
  }
}

// MARK: - What people do

extension MachineAlarms {
  /// A machine's newest alarm; `nil` for an id that is none.
  package func alarm(_ id: String) -> Alarm? { machines.values.lazy.compactMap(\.alarm).first { $0.id == id } }

  /// By machine.
  package var open: [Alarm] { machines.values.compactMap(\.alarm).filter(\.isOpen).sorted { $0.machine < $1.machine } }

  /// Somebody answers an alarm; `nil` when there is nothing to answer.
  package mutating func acknowledge(
    _ id: String, by person: String, note: String? = nil, at time: UnixTime
  ) -> MachineAlarm.Step? {
    guard let machine = alarm(id)?.machine else { return nil }
    return with(machine) { $0.acknowledge(by: person, note: note, at: time) }
  }

  /// From now on these points, of one machine, raise nothing.
  package mutating func suppress(_ points: [PointID], _ suppression: Suppression, at time: UnixTime) -> MachineAlarm.Step? {
    points.first.flatMap { first in with(first.machine) { $0.suppress(points, suppression, at: time) } }
  }

  /// These points, of one machine, count again.
  package mutating func restore(
    _ points: [PointID], by person: String?, explanations: [PointID: Explanation], at time: UnixTime
  ) -> [MachineAlarm.Step] {
    points.first.map { first in with(first.machine) { $0.restore(points, by: person, explanations: explanations, at: time) } }
      ?? []
  }

  /// What stood against this point is void.
  package mutating func withdraw(_ point: PointID, at time: UnixTime) -> MachineAlarm.Step? {
    with(point.machine) { $0.withdraw(point, at: time) }
  }
}
