import Signal

/// The alarm of one machine as a state machine (ISA-18.2-2016, figure 3): points put it on and take it off, people answer it, put
/// it aside, or take its points out of service. Pure: every call returns what changed.
///
///     (none, closed) --on--> unacknowledged --answer--> acknowledged      any of the first three --suppress--> shelved, out of service
///                               ^  | off                  | off             shelved, out of service --back, on--> as it was before
///                            on |  v                      v                                        --back, off--> closed
///                             returned ----answer-----> closed
///
/// A rise of the priority has to be answered anew, and so has what went off and on again while it was put aside. The priority never falls while the alarm is open. Suppressed points put nothing
/// on; a point that is not suppressed brings a shelved alarm back.
package struct MachineAlarm: Sendable {
  package private(set) var alarm: Alarm?
  private let machine: String
  /// Points whose verdict is warning or alarm, whether suppressed or not.
  private var on: [PointID: Alarm.Priority]
  private var suppressed: [PointID: Suppression]

  /// A changed alarm, and what is told of it.
  package struct Step: Sendable {
    package var alarm: Alarm?
    package var kind: Occurrence.Kind?
  }

  /// - Parameters:
  ///   - newest: the machine's last alarm, open or not.
  ///   - standing: debounced verdicts of the machine's points. A member that says nothing counts as before.
  ///   - suppressed: those of the machine's points that are shelved or out of service.
  package init(
    machine: String, newest: Alarm? = nil, standing: [PointID: Verdict] = [:], suppressed: [PointID: Suppression] = [:]
  ) {
    self.machine = machine
    self.suppressed = suppressed
    alarm = newest
    on = standing.compactMapValues(\.priority)
    guard let newest, newest.isOn || newest.isSuppressed else { return }
    for member in newest.members where standing[member].map(\.isUndecided) ?? true { on[member] = newest.priority }
  }

  /// A point's verdict changed. Abstaining and suppressed verdicts change nothing: a dead sensor does not heal a machine.
  package mutating func take(_ change: VerdictChange) -> Step? {
    if let priority = change.verdict.priority {
      let wasOff = on.isEmpty
      let before = on.updateValue(priority, forKey: change.point)
      if suppressed[change.point] != nil { return withheld(change, priority, before, isAnew: wasOff) }
      return switchOn(change, priority)
    }
    guard change.verdict == .normal, on.removeValue(forKey: change.point) != nil, !isSounding else { return nil }
    return switchOff(at: change.time)
  }

  /// Somebody answers the alarm; `nil` when there is nothing to answer.
  package mutating func acknowledge(by person: String, note: String? = nil, at time: UnixTime) -> Step? {
    guard var answered = alarm, let state = answered.state.afterAnswer else { return nil }
    answered.state = state
    answered.changedAt = time
    answered.acknowledgedBy = person
    answered.note = note ?? answered.note
    alarm = answered
    return Step(alarm: answered, kind: .alarmAcknowledged(AlarmAnswer(answered, by: person, note: note)))
  }

  /// Its times were put right: the clock that gave them is known now.
  package mutating func adopt(timesOf known: Alarm) {
    guard alarm?.id == known.id else { return }
    alarm?.raisedAt = known.raisedAt
    alarm?.changedAt = known.changedAt
    alarm?.clearedAt = known.clearedAt
  }

  /// A point that is not suppressed is on.
  private var isSounding: Bool { on.keys.contains { suppressed[$0] == nil } }
}

// MARK: - Suppressed

extension MachineAlarm {
  /// From now on these points raise nothing. The alarm is put aside with them when none but suppressed points are on; one that has
  /// returned is put aside when it is shelved itself.
  package mutating func suppress(_ points: [PointID], _ suppression: Suppression, at time: UnixTime) -> Step? {
    for point in points { suppressed[point] = suppression }
    guard var open = alarm, !isSounding, open.isOn || open.isSuppressed || suppression.alarm == open.id, open.isOpen,
      let longest = longestSuppression(of: open.members)
    else { return nil }
    open.putAside(by: longest, at: time)
    guard open != alarm else { return nil }
    alarm = open
    guard suppression.reason == .shelved else { return Step(alarm: open) }
    return Step(alarm: open, kind: .alarmShelved(AlarmAnswer(open, by: suppression.by, note: suppression.note)))
  }

  /// These points count again.
  /// - Parameters:
  ///   - person: who put them back; `nil`: their time was over.
  ///   - explanations: of those that are on, for an alarm that does not know them yet.
  /// - Returns: what changed, in order.
  package mutating func restore(
    _ points: [PointID], by person: String?, explanations: [PointID: Explanation], at time: UnixTime
  ) -> [Step] {
    for point in points { suppressed[point] = nil }
    let back = points.filter { on[$0] != nil }.map { change(of: $0, explanations[$0], at: time) }
    guard let open = alarm, open.isSuppressed else { return back.compactMap { switchOn($0, on[$0.point] ?? .warning) } }
    guard let first = back.first else { return remain(open, by: person, at: time) }
    let raised = goOn(open, first, isAnswered: open.acknowledgedBy != nil)
    let told = open.state == .shelved ? raised.alarm.map { [Step(kind: .alarmUnshelved(AlarmAnswer($0, by: person)))] } : nil
    return (told ?? []) + [raised] + back.dropFirst().compactMap { switchOn($0, on[$0.point] ?? .warning) }
  }

  /// What a point that is on would have told.
  private func change(of point: PointID, _ explanation: Explanation?, at time: UnixTime) -> VerdictChange {
    let verdict: Verdict = on[point] == .alarm ? .alarm : .warning
    let known = alarm.flatMap { $0.isOpen && $0.members.contains(point) ? $0.explanation : nil }
    return VerdictChange(
      arrival: .max, time: time, point: point, verdict: verdict, explanation: known ?? explanation ?? .undecided(verdict))
  }

  /// No point that counts is on: the rest stays aside, or it is over.
  private mutating func remain(_ open: Alarm, by person: String?, at time: UnixTime) -> [Step] {
    var open = open
    if let longest = longestSuppression(of: open.members.filter { on[$0] != nil }) {
      open.putAside(by: longest, at: time)
      defer { alarm = open }
      return open == alarm ? [] : [Step(alarm: open)]
    }
    let wasShelved = open.state == .shelved
    open.close(at: time)
    alarm = open
    return [
      Step(alarm: open, kind: wasShelved ? .alarmUnshelved(AlarmAnswer(open, by: person)) : .alarmCleared(AlarmReport(open)))
    ]
  }

  private func longestSuppression(of points: [PointID]) -> Suppression? {
    points.compactMap { suppressed[$0] }.max { ($0.until ?? .distant) < ($1.until ?? .distant) }
  }

  /// What stood against this point is void: its baseline is learned anew.
  package mutating func withdraw(_ point: PointID, at time: UnixTime) -> Step? {
    guard on.removeValue(forKey: point) != nil, !isSounding else { return nil }
    return switchOff(at: time)
  }

  /// - Parameter isAnew: no point was on before; whoever answered what stood then has not answered this.
  private mutating func withheld(
    _ change: VerdictChange, _ priority: Alarm.Priority, _ before: Alarm.Priority?, isAnew: Bool
  ) -> Step? {
    guard before.map({ priority > $0 }) ?? true else { return nil }
    var silent = raised(change, priority)
    silent.id = suppressed[change.point]?.alarm ?? silent.id
    let isVoid = isAnew && alarm.map { $0.isSuppressed && $0.acknowledgedBy != nil } == true
    if isVoid { alarm?.acknowledgedBy = nil }
    return Step(alarm: isVoid ? alarm : nil, kind: .alarmWithheld(AlarmReport(silent)))
  }
}

// MARK: - On and off

extension MachineAlarm {
  private mutating func switchOn(_ change: VerdictChange, _ priority: Alarm.Priority) -> Step? {
    guard var open = alarm, open.isOpen else {
      let new = raised(change, priority)
      alarm = new
      return Step(alarm: new, kind: .alarmRaised(AlarmReport(new)))
    }
    if !open.isOn { return goOn(open, change) }
    let rises = priority > open.priority
    if !open.members.contains(change.point) { open.members.append(change.point) }
    if rises {
      open.goOn(priority, change)
    } else if priority == open.priority {
      open.explanation = change.explanation
    }
    guard open != alarm else { return nil }
    open.changedAt = change.time
    alarm = open
    return Step(alarm: open, kind: rises ? .alarmEscalated(AlarmReport(open)) : nil)
  }

  /// An alarm that had returned or was put aside is on again.
  /// - Parameter isAnswered: somebody acknowledged it before it was put aside, and it is no worse now: nobody is called again.
  private mutating func goOn(_ open: Alarm, _ change: VerdictChange, isAnswered: Bool = false) -> Step {
    var open = open
    let (person, priority) = (open.acknowledgedBy, change.verdict.priority ?? open.priority)
    let staysAnswered = isAnswered && priority <= open.priority
    if !open.members.contains(change.point) { open.members.append(change.point) }
    open.goOn(priority, change)
    if staysAnswered { (open.state, open.acknowledgedBy) = (.acknowledged, person) }
    open.changedAt = change.time
    alarm = open
    return Step(alarm: open, kind: staysAnswered ? nil : .alarmRaised(AlarmReport(open)))
  }

  private func raised(_ change: VerdictChange, _ priority: Alarm.Priority) -> Alarm {
    Alarm(
      id: "\(machine)#\((alarm?.number ?? 0) + 1)", machine: machine, state: .unacknowledged, priority: priority,
      members: [change.point], raisedAt: change.time, changedAt: change.time, clearedAt: nil, acknowledgedBy: nil,
      explanation: change.explanation)
  }

  private mutating func switchOff(at time: UnixTime) -> Step? {
    guard var gone = alarm, gone.isOn else { return nil }
    gone.state = gone.state == .acknowledged ? .closed : .returned
    gone.clearedAt = time
    gone.changedAt = time
    alarm = gone
    return Step(alarm: gone, kind: .alarmCleared(AlarmReport(gone)))
  }
}

extension Alarm {
  package var isOn: Bool { state == .unacknowledged || state == .acknowledged }
  package var isOpen: Bool { state != .closed }
  package var isSuppressed: Bool { state == .shelved || state == .outOfService }

  /// The n of `<machine>#<n>`.
  fileprivate var number: Int { id.lastIndex(of: "#").flatMap { Int(id[id.index(after: $0)...]) } ?? 0 }

  fileprivate mutating func goOn(_ priority: Priority, _ change: VerdictChange) {
    state = .unacknowledged
    acknowledgedBy = nil
    (suppressedBy, suppressedUntil) = (nil, nil)
    clearedAt = nil
    self.priority = max(self.priority, priority)
    explanation = change.explanation
  }

  fileprivate mutating func putAside(by suppression: Suppression, at time: UnixTime) {
    state = suppression.state
    (suppressedBy, suppressedUntil) = (suppression.by, suppression.until)
    note = suppression.note ?? note
    changedAt = time
  }

  fileprivate mutating func close(at time: UnixTime) {
    state = .closed
    (suppressedBy, suppressedUntil) = (nil, nil)
    clearedAt = clearedAt ?? time
    changedAt = time
  }
}

extension Alarm.State {
  /// `nil`: there is nothing to answer.
  fileprivate var afterAnswer: Self? {
    switch self {
    case .unacknowledged: .acknowledged
    case .returned: .closed
    case .acknowledged, .closed, .shelved, .outOfService: nil
    }
  }
}

extension Verdict {
  fileprivate var isUndecided: Bool { reason != nil }
}

extension UnixTime {
  fileprivate static var distant: Self { Self(nanoseconds: .max) }
}
