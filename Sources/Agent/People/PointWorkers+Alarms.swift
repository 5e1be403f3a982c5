import Anomaly
import Contracts
import Signal
import Store

/// What people do to alarms. All of it runs on the ingest thread, between a batch and its commit.
extension PointWorkers {
  func acknowledge(_ call: Acknowledge, _ occasion: inout Occasion) -> Result<AlarmReply, CallProblem> {
    alarm(call.alarm, for: Acknowledge.name).flatMap { alarm in
      guard let step = alarms.acknowledge(alarm.id, by: occasion.person, note: call.note, at: occasion.now) else {
        return .failure(Self.conflict(Acknowledge.name, alarm, alarm.isSuppressed ? "thrum unshelve brings it back" : nil))
      }
      occasion.take(step, of: alarm.machine)
      return reply(alarm.id)
    }
  }

  func shelve(_ call: Shelve, _ occasion: inout Occasion) -> Result<AlarmReply, CallProblem> {
    alarm(call.alarm, for: Shelve.name).flatMap { alarm in
      guard alarm.isOpen, alarm.state != .outOfService else { return .failure(Self.conflict(Shelve.name, alarm, nil)) }
      let suppression = Suppression(
        reason: .shelved, by: occasion.person, since: occasion.now, until: occasion.now.advanced(bySeconds: Double(call.forS)),
        note: call.note, alarm: alarm.id)
      let members = alarm.members.filter { suppressions[$0]?.reason != .outOfService }
      guard !members.isEmpty else { return .failure(Self.conflict(Shelve.name, alarm, "its points are out of service")) }
      for point in members { suppress(point, suppression, &occasion) }
      occasion.take(alarms.suppress(members, suppression, at: occasion.now), of: alarm.machine)
      return reply(alarm.id)
    }
  }

  func unshelve(_ call: Unshelve, _ occasion: inout Occasion) -> Result<AlarmReply, CallProblem> {
    alarm(call.alarm, for: Unshelve.name).flatMap { alarm in
      let shelved = suppressions.points.filter { $0.value.reason == .shelved && $0.value.alarm == alarm.id }.keys.sorted()
      guard !shelved.isEmpty else {
        let reason = "it is not shelved, but \(alarm.state.rawValue)"
        return .failure(CallProblem(.conflict, Unshelve.name, alarm.id, reason: reason))
      }
      for point in shelved { suppress(point, nil, &occasion) }
      restore(shelved, by: occasion.person, &occasion)
      return reply(alarm.id)
    }
  }

  /// Points that were shelved or out of service for a time that is over.
  func endSuppressions(at now: UnixTime, in change: inout Change) {
    let turned = suppressions.turn(at: now)
    guard !turned.over.isEmpty || !turned.moved.isEmpty else { return }
    var occasion = Occasion(caller: Caller(uid: 0, name: "", role: .admin), now: now, change: change, arrival: -1)
    for (point, suppression) in turned.moved {
      occasion.suppress(point, suppression)
      occasion.take(alarms.suppress([point], suppression, at: now), of: point.machine)
    }
    for point in turned.over.keys { suppress(point, nil, &occasion) }
    for (_, points) in Dictionary(grouping: turned.over.keys, by: \.machine).sorted(by: { $0.key < $1.key }) {
      for point in points.sorted() where turned.over[point]?.reason == .outOfService {
        occasion.tell(.inService(PointAnswer(by: nil)), of: point.description)
      }
      restore(points.sorted(), by: nil, &occasion)
    }
    change = occasion.change
  }

  // MARK: parts

  /// From now on the point raises nothing, or counts again.
  func suppress(_ point: PointID, _ suppression: Suppression?, _ occasion: inout Occasion) {
    suppressions[point] = suppression
    occasion.suppress(point, suppression)
    worker(of: point).mayLearn(mayLearn(point), point)
  }

  /// What stands against points of one machine counts again.
  func restore(_ points: [PointID], by person: String?, _ occasion: inout Occasion) {
    guard let machine = points.first?.machine else { return }
    var explanations: [PointID: Explanation] = [:]
    for point in points {
      explanations[point] = worker(of: point).state(of: point).map(Explanation.standing)
      worker(of: point).tellAgain(point)
    }
    for step in alarms.restore(points, by: person, explanations: explanations, at: occasion.now) {
      occasion.take(step, of: machine)
    }
  }

  func alarm(_ id: String, for operation: String) -> Result<Alarm, CallProblem> {
    if let alarm = alarms.alarm(id) { return .success(alarm) }
    let open = alarms.open.map(\.id)
    let remedy = open.isEmpty ? "no alarm is open" : "open are \(open.prefix(20).joined(separator: ", "))"
    return .failure(CallProblem(.notFound, operation, id, reason: "there is no such open alarm", remedy: remedy))
  }

  private func reply(_ id: String) -> Result<AlarmReply, CallProblem> {
    alarm(id, for: "read").map { AlarmReply(AlarmRow($0)) }
  }

  private static func conflict(_ operation: String, _ alarm: Alarm, _ remedy: String?) -> CallProblem {
    let person = (alarm.suppressedBy ?? alarm.acknowledgedBy).map { " (\($0))" } ?? ""
    return CallProblem(.conflict, operation, alarm.id, reason: "it is \(alarm.state.rawValue)\(person)", remedy: remedy)
  }
}
