import Signal
import Testing

@testable import Anomaly

/// Shelved, out of service, and back (ISA-18.2-2016).
@Suite("A suppressed alarm")
struct SuppressionTests {
  private let a = PointID(machine: "m", point: "a")
  private let b = PointID(machine: "m", point: "b")

  private func suppression(_ reason: SuppressionReason, until seconds: Double? = nil, alarm: String? = nil) -> Suppression {
    Suppression(
      reason: reason, by: "eve", since: UnixTime(seconds: 0), until: seconds.map(UnixTime.init(seconds:)), alarm: alarm)
  }

  /// In alarm by `a`, then shelved.
  private func shelved() throws -> MachineAlarm {
    var machine = MachineAlarm(machine: "m")
    _ = machine.take(MachineAlarmTests.change(.alarm, "a"))
    let step = machine.suppress([a], suppression(.shelved, until: 100, alarm: "m#1"), at: UnixTime(seconds: 2))
    #expect(step?.alarm?.state == .shelved)
    #expect(step?.alarm?.suppressedBy == "eve")
    #expect(step?.alarm?.suppressedUntil == UnixTime(seconds: 100))
    #expect(step?.kind.map(MachineAlarmTests.name) == "shelved")
    return machine
  }

  private func told(_ steps: [MachineAlarm.Step]) -> [String] { steps.compactMap { $0.kind.map(MachineAlarmTests.name) } }

  private func back(_ machine: inout MachineAlarm, _ points: [PointID], by person: String? = nil) -> [MachineAlarm.Step] {
    machine.restore(points, by: person, explanations: [:], at: UnixTime(seconds: 100))
  }

  @Test("still on when its time is over: it is told and has to be answered anew")
  func stillOn() throws {
    var machine = try shelved()
    #expect(machine.acknowledge(by: "bob", at: UnixTime(seconds: 3)) == nil)
    let steps = back(&machine, [a])
    #expect(told(steps) == ["unshelved", "raised"])
    #expect(machine.alarm?.state == .unacknowledged)
    #expect(machine.alarm?.id == "m#1")
    #expect(machine.alarm?.suppressedUntil == nil && machine.alarm?.suppressedBy == nil)
  }

  /// In alarm by `a`, acknowledged, then put aside.
  private func answered(_ reason: SuppressionReason) -> MachineAlarm {
    var machine = MachineAlarm(machine: "m")
    _ = machine.take(MachineAlarmTests.change(.warning, "a"))
    _ = machine.acknowledge(by: "bob", at: UnixTime(seconds: 1))
    _ = machine.suppress([a], suppression(reason, until: 100, alarm: "m#1"), at: UnixTime(seconds: 2))
    return machine
  }

  @Test("acknowledged before it was put aside and still on: it is the same alarm, acknowledged, and nobody is called again")
  func staysAnswered() {
    for (reason, expected) in [(SuppressionReason.shelved, ["unshelved"]), (.outOfService, [])] {
      var machine = answered(reason)
      #expect(machine.alarm?.isSuppressed == true)
      let steps = back(&machine, [a], by: "eve")
      #expect(told(steps) == expected)
      #expect(machine.alarm?.id == "m#1" && machine.alarm?.state == .acknowledged && machine.alarm?.acknowledgedBy == "bob")
      #expect(steps.compactMap(\.alarm).last == machine.alarm, "and it is stored so")
      if case .alarmUnshelved(let answer)? = steps.first?.kind { #expect(answer.state == "acknowledged") }
    }
  }

  @Test("acknowledged, but worse when it comes back, or gone and on again meanwhile, or on by another point: to be answered anew")
  func answeredButAnew() {
    var worse = answered(.shelved)
    _ = worse.take(MachineAlarmTests.change(.alarm, "a"))
    #expect(told(back(&worse, [a])) == ["unshelved", "raised"])
    #expect(worse.alarm?.state == .unacknowledged && worse.alarm?.acknowledgedBy == nil)

    var again = answered(.shelved)
    _ = again.take(MachineAlarmTests.change(.normal, "a"))
    #expect(again.alarm?.acknowledgedBy == "bob")
    let step = again.take(MachineAlarmTests.change(.warning, "a"))
    #expect(step?.alarm?.acknowledgedBy == nil && step?.alarm?.state == .shelved, "stored with what is withheld")
    #expect(told(back(&again, [a])) == ["unshelved", "raised"])
    #expect(again.alarm?.state == .unacknowledged)

    var other = answered(.shelved)
    #expect(other.take(MachineAlarmTests.change(.warning, "b"))?.alarm?.state == .unacknowledged)
  }

  @Test("gone meanwhile: it is over when its time is, and nothing was raised in between")
  func gone() throws {
    var machine = try shelved()
    #expect(machine.take(MachineAlarmTests.change(.normal, "a")) == nil)
    #expect(machine.alarm?.state == .shelved)
    #expect(told(back(&machine, [a])) == ["unshelved"])
    #expect(machine.alarm?.state == .closed)
    #expect(machine.alarm?.clearedAt == UnixTime(seconds: 100))
  }

  @Test("what a suppressed point would have raised is recorded: once for going on, once for a rise")
  func withheld() {
    var machine = MachineAlarm(machine: "m", suppressed: [a: suppression(.outOfService)])
    let kinds = [Verdict.warning, .warning, .alarm, .normal, .warning].map { verdict in
      machine.take(MachineAlarmTests.change(verdict, "a"))?.kind.map(MachineAlarmTests.name)
    }
    #expect(kinds == ["withheld", nil, "withheld", nil, "withheld"])
    #expect(machine.alarm == nil)
  }

  @Test("another point brings a shelved alarm back, and the shelved one stays quiet")
  func anotherPoint() throws {
    var machine = try shelved()
    let step = machine.take(MachineAlarmTests.change(.warning, "b"))
    #expect(step?.alarm?.state == .unacknowledged)
    #expect(step?.kind.map(MachineAlarmTests.name) == "raised")
    #expect(step?.alarm?.members == [a, b])
    #expect(machine.take(MachineAlarmTests.change(.normal, "b"))?.alarm?.state == .returned, "the shelved point holds nothing on")
  }

  @Test("out of service takes its alarm along; put back while on, it is raised")
  func outOfService() {
    var machine = MachineAlarm(machine: "m")
    _ = machine.take(MachineAlarmTests.change(.alarm, "a"))
    let step = machine.suppress([a], suppression(.outOfService), at: UnixTime(seconds: 2))
    #expect(step?.alarm?.state == .outOfService)
    #expect(step?.kind.map(MachineAlarmTests.name) == nil)
    #expect(told(back(&machine, [a], by: "eve")) == ["raised"])
    #expect(machine.alarm?.state == .unacknowledged)
  }

  @Test("one member out of service, the other still on: the alarm stays")
  func partly() {
    var machine = MachineAlarm(machine: "m")
    for point in ["a", "b"] { _ = machine.take(MachineAlarmTests.change(.alarm, point)) }
    #expect(machine.suppress([a], suppression(.outOfService), at: UnixTime(seconds: 2)) == nil)
    #expect(machine.alarm?.state == .unacknowledged)
    #expect(machine.take(MachineAlarmTests.change(.normal, "b"))?.alarm?.state == .returned)
  }

  @Test("a shelved alarm whose point is then taken out of service stays away after the shelf's time")
  func bothReasons() throws {
    var machine = try shelved()
    let step = machine.suppress([a], suppression(.outOfService), at: UnixTime(seconds: 3))
    #expect(step?.alarm?.state == .outOfService)
    #expect(step?.alarm?.suppressedUntil == nil)
  }

  @Test("a point that was on unnoticed before it came back into service raises an alarm with what is known of it")
  func unnoticed() {
    var machine = MachineAlarm(machine: "m", suppressed: [a: suppression(.outOfService)])
    _ = machine.take(MachineAlarmTests.change(.alarm, "a"))
    var state = PointState()
    (state.verdict, state.zone, state.velocityRMS) = (.alarm, .d, 9.5)
    let steps = machine.restore([a], by: "eve", explanations: [a: .standing(state)], at: UnixTime(seconds: 9))
    #expect(told(steps) == ["raised"])
    #expect(machine.alarm?.priority == .alarm)
    #expect(machine.alarm?.explanation.words.contains("zone D, 9.5 mm/s") == true)
  }

  @Test("after a restart a shelved alarm is as it was, with a member that says nothing counted as on")
  func restart() throws {
    let stored = try #require(try shelved().alarm)
    var machine = MachineAlarm(
      machine: "m", newest: stored, standing: [a: .abstain(.stale)],
      suppressed: [a: suppression(.shelved, until: 100, alarm: "m#1")])
    #expect(told(back(&machine, [a])) == ["unshelved", "raised"])
  }

  @Test("what stood against a baseline that is forgotten goes off, and may come again")
  func withdrawn() {
    var machine = MachineAlarm(machine: "m")
    _ = machine.take(MachineAlarmTests.change(.warning, "a"))
    #expect(machine.withdraw(a, at: UnixTime(seconds: 3))?.alarm?.state == .returned)
    #expect(machine.withdraw(a, at: UnixTime(seconds: 3)) == nil)
    #expect(machine.take(MachineAlarmTests.change(.warning, "a"))?.alarm?.state == .unacknowledged)
  }
}

@Suite("The times of suppressions")
struct SuppressionTimesTests {
  private let point = PointID(machine: "m", point: "a")

  private func shelf(since: Double, until: Double) -> Suppression {
    Suppression(reason: .shelved, by: "eve", since: UnixTime(seconds: since), until: UnixTime(seconds: until))
  }

  @Test("a time that is over ends it, once")
  func over() {
    var times = Suppressions()
    times[point] = shelf(since: 0, until: 100)
    #expect(times.turn(at: UnixTime(seconds: 99)).over.isEmpty)
    #expect(times.turn(at: UnixTime(seconds: 100)).over.keys.map(\.point) == ["a"])
    #expect(times.points.isEmpty)
    #expect(times.turn(at: UnixTime(seconds: 101)).over.isEmpty)
  }

  @Test("a clock that is set back does not make it longer")
  func setBack() {
    var times = Suppressions()
    times[point] = shelf(since: 10_000, until: 10_100)
    _ = times.turn(at: UnixTime(seconds: 10_050))
    let turned = times.turn(at: UnixTime(seconds: 50))
    #expect(turned.moved[point]?.until == UnixTime(seconds: 100), "fifty seconds were left, and fifty are")
    #expect(times.turn(at: UnixTime(seconds: 99)).over.isEmpty)
    #expect(times.turn(at: UnixTime(seconds: 100)).over.count == 1)
  }

  @Test("after a restart with an older clock no more is left than was given")
  func restart() {
    let times = Suppressions(restored: [point: shelf(since: 10_000, until: 10_100)], at: UnixTime(seconds: 0))
    #expect(times[point]?.until == UnixTime(seconds: 100))
    let kept = Suppressions(restored: [point: shelf(since: 0, until: 100)], at: UnixTime(seconds: 60))
    #expect(kept[point]?.until == UnixTime(seconds: 100))
  }

  @Test("without an end it stays")
  func endless() {
    var times = Suppressions()
    times[point] = Suppression(reason: .outOfService, by: "eve", since: UnixTime(seconds: 0))
    #expect(times.turn(at: UnixTime(seconds: 1e9)).over.isEmpty)
  }
}
