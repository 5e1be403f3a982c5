import Anomaly
import Contracts
import Signal
import Store

/// Who says something, when, and the change it goes into.
struct Occasion {
  let caller: Caller
  let now: UnixTime
  var change: Change
  /// Orders are told of after what the batch told; what ends by itself with its turn before.
  var arrival = Int.max
  var person: String { caller.name }

  mutating func tell(_ kind: Occurrence.Kind, of subject: String) {
    change.occurrences.append(Occurrence(arrival: arrival, time: now, subject: subject, kind: kind))
  }

  mutating func take(_ step: MachineAlarm.Step?, of machine: String) {
    guard let step else { return }
    if let alarm = step.alarm { change.people.note(alarm) }
    if let kind = step.kind { tell(kind, of: machine) }
  }

  mutating func suppress(_ point: PointID, _ suppression: Suppression?) { change.people.suppressions[point] = .some(suppression) }
}
