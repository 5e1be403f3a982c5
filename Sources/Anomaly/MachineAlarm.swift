import Signal

/// The alarm of one machine as a state machine (ISA-18.2-2016, figure 3, without suppression): points put it on and take it off,
/// people answer it. Pure: every call returns what changed.
///
///     (none, closed) --on--> unacknowledged --answer--> acknowledged
///                               ^  | off                  | off
///                            on |  v                      v
///                             returned ----answer-----> closed
///
/// A rise of the priority has to be answered anew. The priority never falls while the alarm is open.
package struct MachineAlarm: Sendable {
  package private(set) var alarm: Alarm?
  private let machine: String
  /// Points whose verdict is warning or alarm.
  private var on: Set<PointID>

  /// A changed alarm, and what is told of it.
  package struct Step: Sendable {
    package var alarm: Alarm
    package var kind: Occurrence.Kind?
  }

  /// - Parameters:
  ///   - newest: the machine's last alarm, open or not.
  ///   - standing: debounced verdicts of the machine's points. A member that says nothing counts as before.
  package init(machine: String, newest: Alarm? = nil, standing: [PointID: Verdict] = [:]) {
    self.machine = machine
    alarm = newest
    on = Set(standing.filter { $0.value.priority != nil }.keys)
    guard let newest, newest.isOn else { return }
    on.formUnion(newest.members.filter { standing[$0].map(\.isUndecided) ?? true })
  }

  /// A point's verdict changed. Abstaining and suppressed verdicts change nothing: a dead sensor does not heal a machine.
  package mutating func take(_ change: VerdictChange) -> Step? {
    if let priority = change.verdict.priority {
      on.insert(change.point)
      return switchOn(change, priority)
    }
    guard change.verdict == .normal, on.remove(change.point) != nil, on.isEmpty else { return nil }
    return switchOff(at: change.time)
  }

  /// Somebody answers the alarm; `nil` when there is nothing to answer.
  package mutating func acknowledge(by person: String, at time: UnixTime) -> Step? {
    guard var answered = alarm, let state = answered.state.afterAnswer else { return nil }
    answered.state = state
    answered.changedAt = time
    answered.acknowledgedBy = person
    alarm = answered
    return Step(alarm: answered, kind: nil)
  }
}

extension MachineAlarm {
  private mutating func switchOn(_ change: VerdictChange, _ priority: Alarm.Priority) -> Step? {
    guard var open = alarm, open.state != .closed else { return raise(change, priority) }
    let (returns, rises) = (open.state == .returned, priority > open.priority)
    let joins = !open.members.contains(change.point)
    if joins { open.members.append(change.point) }
    if returns || rises {
      open.goOn(priority, change)
    } else if priority == open.priority {
      open.explanation = change.explanation
    }
    guard open != alarm else { return nil }
    open.changedAt = change.time
    alarm = open
    let report = AlarmReport(open)
    return Step(alarm: open, kind: returns ? .alarmRaised(report) : rises ? .alarmEscalated(report) : nil)
  }

  private mutating func raise(_ change: VerdictChange, _ priority: Alarm.Priority) -> Step {
    let raised = Alarm(
      id: "\(machine)#\((alarm?.number ?? 0) + 1)", machine: machine, state: .unacknowledged, priority: priority,
      members: [change.point], raisedAt: change.time, changedAt: change.time, clearedAt: nil, acknowledgedBy: nil,
      explanation: change.explanation)
    alarm = raised
    return Step(alarm: raised, kind: .alarmRaised(AlarmReport(raised)))
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

  /// The n of `<machine>#<n>`.
  fileprivate var number: Int { id.lastIndex(of: "#").flatMap { Int(id[id.index(after: $0)...]) } ?? 0 }

  fileprivate mutating func goOn(_ priority: Priority, _ change: VerdictChange) {
    state = .unacknowledged
    acknowledgedBy = nil
    clearedAt = nil
    self.priority = max(self.priority, priority)
    explanation = change.explanation
  }
}

extension Alarm.State {
  /// `nil`: there is nothing to answer.
  fileprivate var afterAnswer: Self? {
    switch self {
    case .unacknowledged: .acknowledged
    case .returned: .closed
    case .acknowledged, .closed: nil
    }
  }
}

extension Verdict {
  fileprivate var isUndecided: Bool { reason != nil }
}
