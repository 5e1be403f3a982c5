import Signal
import Testing

@testable import Anomaly

@Suite("A machine's alarm")
struct MachineAlarmTests {
  /// One step of a story: what happens, then the state, the priority and what is told.
  struct Row: Sendable, CustomTestStringConvertible {
    var happens: Event
    var state: Alarm.State
    var priority: Alarm.Priority = .warning
    var told: String?
    var testDescription: String { "\(happens) -> \(state)" }
  }

  enum Event: Sendable {
    case verdict(Verdict, of: String)
    case answer
  }

  static let stories: [(name: String, rows: [Row])] = [
    (
      "answered, then gone: closed",
      [
        Row(happens: .verdict(.warning, of: "a"), state: .unacknowledged, told: "raised"),
        Row(happens: .answer, state: .acknowledged, told: "acknowledged"),
        Row(happens: .verdict(.normal, of: "a"), state: .closed, told: "cleared"),
      ]
    ),
    (
      "gone before anybody answered: returned until answered",
      [
        Row(happens: .verdict(.alarm, of: "a"), state: .unacknowledged, priority: .alarm, told: "raised"),
        Row(happens: .verdict(.normal, of: "a"), state: .returned, priority: .alarm, told: "cleared"),
        Row(happens: .answer, state: .closed, priority: .alarm, told: "acknowledged"),
      ]
    ),
    (
      "back on before anybody answered: the same alarm again",
      [
        Row(happens: .verdict(.warning, of: "a"), state: .unacknowledged, told: "raised"),
        Row(happens: .verdict(.normal, of: "a"), state: .returned, told: "cleared"),
        Row(happens: .verdict(.warning, of: "a"), state: .unacknowledged, told: "raised"),
      ]
    ),
    (
      "a rise has to be answered anew",
      [
        Row(happens: .verdict(.warning, of: "a"), state: .unacknowledged, told: "raised"),
        Row(happens: .answer, state: .acknowledged, told: "acknowledged"),
        Row(happens: .verdict(.alarm, of: "a"), state: .unacknowledged, priority: .alarm, told: "escalated"),
      ]
    ),
    (
      "the priority does not fall while the alarm is open",
      [
        Row(happens: .verdict(.alarm, of: "a"), state: .unacknowledged, priority: .alarm, told: "raised"),
        Row(happens: .verdict(.warning, of: "a"), state: .unacknowledged, priority: .alarm),
      ]
    ),
    (
      "on as long as one member is",
      [
        Row(happens: .verdict(.warning, of: "a"), state: .unacknowledged, told: "raised"),
        Row(happens: .verdict(.warning, of: "b"), state: .unacknowledged),
        Row(happens: .verdict(.normal, of: "a"), state: .unacknowledged),
        Row(happens: .verdict(.normal, of: "b"), state: .returned, told: "cleared"),
      ]
    ),
    (
      "a member's rise raises the alarm",
      [
        Row(happens: .verdict(.warning, of: "a"), state: .unacknowledged, told: "raised"),
        Row(happens: .verdict(.alarm, of: "b"), state: .unacknowledged, priority: .alarm, told: "escalated"),
      ]
    ),
    (
      "a sensor that says nothing does not heal the machine",
      [
        Row(happens: .verdict(.warning, of: "a"), state: .unacknowledged, told: "raised"),
        Row(happens: .verdict(.abstain(.sensorFault), of: "a"), state: .unacknowledged),
        Row(happens: .verdict(.normal, of: "a"), state: .returned, told: "cleared"),
      ]
    ),
  ]

  @Test("moves through its states as ISA-18.2 has them", arguments: stories.indices)
  func story(index: Int) throws {
    var machine = MachineAlarm(machine: "m")
    for (second, row) in Self.stories[index].rows.enumerated() {
      let step = Self.step(row.happens, UnixTime(seconds: Double(second)), &machine)
      let alarm = try #require(machine.alarm)
      #expect(alarm.id == "m#1", "\(Self.stories[index].name)")
      #expect(alarm.state == row.state, "\(Self.stories[index].name), row \(second)")
      #expect(alarm.priority == row.priority, "\(Self.stories[index].name), row \(second)")
      #expect(step?.kind.map(Self.name) == row.told, "\(Self.stories[index].name), row \(second)")
    }
  }

  @Test("every state answers every event", arguments: Alarm.State.allCases)
  func table(state: Alarm.State) {
    let after: [Alarm.State: (on: Alarm.State?, off: Alarm.State?, answer: Alarm.State?)] = [
      .unacknowledged: (on: nil, off: .returned, answer: .acknowledged),
      .acknowledged: (on: nil, off: .closed, answer: nil),
      .returned: (on: .unacknowledged, off: nil, answer: .closed),
      .closed: (on: .unacknowledged, off: nil, answer: nil),
      // Put aside, but by no suppression of this point: it brings the alarm back.
      .shelved: (on: .unacknowledged, off: nil, answer: nil),
      .outOfService: (on: .unacknowledged, off: nil, answer: nil),
    ]
    let start = { MachineAlarm(machine: "m", newest: Self.alarm(state), standing: [:]) }
    var machine = start()
    #expect(machine.take(Self.change(.warning, "a"))?.alarm?.state == after[state]?.on)
    machine = start()
    #expect(machine.take(Self.change(.normal, "a"))?.alarm?.state == after[state]?.off)
    machine = start()
    #expect(machine.acknowledge(by: "eve", at: UnixTime(seconds: 9))?.alarm?.state == after[state]?.answer)
  }

  @Test("a closed alarm is history: the next one has the next number")
  func nextNumber() {
    var machine = MachineAlarm(machine: "m", newest: Self.alarm(.closed, id: "m#41"))
    #expect(machine.take(Self.change(.alarm, "a"))?.alarm?.id == "m#42")
  }

  @Test("after a restart the members that are on keep the alarm on")
  func restart() {
    let standing: [PointID: Verdict] = [
      PointID(machine: "m", point: "a"): .normal, PointID(machine: "m", point: "b"): .warning,
    ]
    var machine = MachineAlarm(machine: "m", newest: Self.alarm(.acknowledged, members: ["a", "b"]), standing: standing)
    #expect(machine.take(Self.change(.normal, "a")) == nil)
    #expect(machine.take(Self.change(.normal, "b"))?.alarm?.state == .closed)
  }

  @Test("more behind a standing alarm changes its explanation and is told to nobody; the same again changes nothing")
  func moreGrounds() {
    var machine = MachineAlarm(machine: "m")
    _ = machine.take(Self.change(.alarm, "a"))
    var worse = Self.change(.alarm, "a")
    worse.explanation.words = "zone D by now"
    let step = machine.take(worse)
    #expect(step?.alarm?.explanation.words == "zone D by now")
    #expect(step?.alarm?.id == "m#1")
    #expect(step.map { $0.kind == nil } == true)
    #expect(machine.take(worse) == nil)
  }

  @Test("changes of several points are taken in order of arrival, and the alarm is stored as it ends")
  func settling() {
    let points = ["a", "b"].map { PointID(machine: "m", point: $0) }
    var outcomes = points.map { PointOutcome(point: $0, state: PointState()) }
    outcomes[0].changes = [Self.change(.warning, "a", arrival: 1), Self.change(.normal, "a", arrival: 4)]
    outcomes[1].changes = [Self.change(.alarm, "b", arrival: 3)]
    var alarms = MachineAlarms()
    alarms.settle(&outcomes)
    #expect(
      outcomes.flatMap(\.occurrences).sorted { $0.arrival < $1.arrival }.map { Self.name($0.kind) } == ["raised", "escalated"])
    #expect(outcomes[0].alarms.isEmpty)
    #expect(outcomes[1].alarms.map(\.state) == [.unacknowledged])
    #expect(alarms.acknowledge("m#1", by: "eve", at: UnixTime(seconds: 9))?.alarm?.acknowledgedBy == "eve")
    #expect(alarms.acknowledge("m#1", by: "eve", at: UnixTime(seconds: 9))?.alarm == nil)
  }
}

extension MachineAlarmTests {
  static func step(_ event: Event, _ time: UnixTime, _ machine: inout MachineAlarm) -> MachineAlarm.Step? {
    switch event {
    case .verdict(let verdict, let point): machine.take(change(verdict, point))
    case .answer: machine.acknowledge(by: "eve", at: time)
    }
  }

  static func change(_ verdict: Verdict, _ point: String, arrival: Int = 0) -> VerdictChange {
    VerdictChange(
      arrival: arrival, time: UnixTime(seconds: 1), point: PointID(machine: "m", point: point), verdict: verdict,
      explanation: silence)
  }

  static func alarm(_ state: Alarm.State, id: String = "m#1", members: [String] = ["a"]) -> Alarm {
    Alarm(
      id: id, machine: "m", state: state, priority: .warning, members: members.map { PointID(machine: "m", point: $0) },
      raisedAt: UnixTime(seconds: 0), changedAt: UnixTime(seconds: 0), clearedAt: nil, acknowledgedBy: nil, explanation: silence)
  }

  static func name(_ kind: Occurrence.Kind) -> String {
    switch kind {
    case .alarmRaised: "raised"
    case .alarmEscalated: "escalated"
    case .alarmCleared: "cleared"
    case .alarmAcknowledged: "acknowledged"
    case .alarmShelved: "shelved"
    case .alarmUnshelved: "unshelved"
    case .alarmWithheld: "withheld"
    default: "\(kind)"
    }
  }

  static let silence = Explanation(
    words: "", decidedBy: [], zone: nil, velocityRmsMmS: nil, probability: nil, score: nil, uncalibrated: false,
    contributions: [],
    lines: [], spectrum: nil)
}
