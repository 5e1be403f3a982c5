import Signal
import Testing

@testable import ControlPlane

/// What `thrum-plane report` says.
@Suite struct BusinessCaseTests {
  @Test("20 stops at 10,000, half avoided, 150,000 to build, 30,000 a year to run: -80,000, +70,000, payback 2.14 years")
  func arithmetic() throws {
    let worth = BusinessCase(BusinessInputs(), years: 3)
    #expect(worth.years.map(\.cash) == [-80_000, 70_000, 70_000])
    #expect(worth.years.map(\.cumulative) == [-80_000, -10_000, 60_000])
    #expect(abs(try #require(worth.paybackYears) - 2.142857) < 1e-6)
    #expect(worth.stopsAvoidedPerYear == 10 && worth.hoursAvoidedPerYear == 80)
  }

  @Test("what costs more than it saves is never paid back")
  func never() {
    var inputs = BusinessInputs()
    inputs.avoidedShare = 0.1
    #expect(BusinessCase(inputs).paybackYears == nil)
    #expect(BusinessCase(inputs).years.last?.cumulative == -200_000)
  }

  private func event(_ kind: IncidentEvent.Kind, _ machine: String, day: Double, alarm: String? = nil) -> IncidentEvent {
    IncidentEvent(gateway: "demo/gw-1", machine: machine, time: UnixTime(seconds: day * 86_400), kind: kind, alarm: alarm)
  }

  @Test("an alarm counts as its newest label says; a repair within thirty days confirms one that nobody labelled")
  func alarms() {
    let count = IncidentCount([
      event(.raised, "a", day: 1, alarm: "a#1"), event(.labelled("unsure"), "a", day: 2, alarm: "a#1"),
      event(.labelled("bad"), "a", day: 3, alarm: "a#1"), event(.raised, "b", day: 1, alarm: "b#1"),
      event(.labelled("good"), "b", day: 2, alarm: "b#1"), event(.raised, "c", day: 1, alarm: "c#1"),
      event(.maintained, "c", day: 20), event(.raised, "d", day: 1, alarm: "d#1"), event(.maintained, "d", day: 40),
    ])
    #expect(count.alarms == 4 && count.caught == 2 && count.falseAlarms == 1 && count.open == 1)
    #expect(count.missed == 1, "d's repair came too late to be the alarm's")
  }

  @Test(
    "an alarm counts once, however often it goes off and on or is put aside and taken back; after it is closed its name is another's"
  )
  func alarmsNotTransitions() {
    let story: [IncidentEvent.Kind] = [
      .raised, .answered("acknowledged"), .answered("shelved"), .answered("unacknowledged"), .raised, .cleared, .raised,
    ]
    let once = story.enumerated().map { event($1, "a", day: Double($0), alarm: "a#1") }
    #expect(IncidentCount(once).alarms == 1 && IncidentCount(once).open == 1)
    let closed = [event(.answered("acknowledged"), "a", day: 8, alarm: "a#1"), event(.cleared, "a", day: 9, alarm: "a#1")]
    #expect(IncidentCount(once + closed + [event(.raised, "a", day: 10, alarm: "a#1")]).alarms == 2, "the gateway was reset")
    #expect(IncidentCount(once + [event(.raised, "a", day: 10, alarm: "a#2")]).alarms == 2)
  }

  @Test(
    "harm without an alarm before it is missed: a repair, or a point labelled bad; another machine's or gateway's alarm does not count"
  )
  func missed() {
    var elsewhere = event(.raised, "a", day: 1, alarm: "a#1")
    elsewhere.gateway = "demo/gw-2"
    let count = IncidentCount([
      elsewhere, event(.raised, "b", day: 1, alarm: "b#1"), event(.maintained, "a", day: 2), event(.labelled("bad"), "c", day: 2),
      event(.labelled("good"), "d", day: 2),
    ])
    #expect(count.missed == 2 && count.alarms == 2 && count.open == 2)
  }
}
