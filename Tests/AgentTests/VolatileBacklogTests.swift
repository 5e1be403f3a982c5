import Anomaly
import Contracts
import Signal
import Store
import Testing

@testable import Agent

@Suite("What waits in memory while the store refuses") struct VolatileBacklogTests {
  private let point = PointID(machine: "pump-7", point: "de")
  private func time(_ seconds: Double) -> UnixTime { UnixTime(seconds: seconds) }

  private func change(_ number: Int, alarm: Bool = false) throws -> Change {
    var outcome = PointOutcome(point: point, state: PointState())
    outcome.state.pendingFrames = number
    (outcome.ledger.received, outcome.ledger.analysed, outcome.ledger.pending) = (3, 2, 1)
    outcome.trend = [TrendRow(time: time(1), velocityRMS: 1, rms: 1, kurtosis: 3, probability: nil, verdict: .normal)]
    outcome.occurrences = [Occurrence(arrival: 0, time: time(1), subject: "x", kind: .sensorFault(SensorReport(reason: "stuck")))]
    if alarm {
      outcome.occurrences.append(Occurrence(arrival: 0, time: time(2), subject: "pump-7", kind: .alarmRaised(try report(number))))
    }
    var change = Change()
    change.points = [outcome]
    var session = SessionChange(name: "plant")
    session.rows = [RedeliveryRing.Row(slot: number, mid: 1, digest: 1)]
    session.nextSlot = number + 1
    change.session = session
    return change
  }

  private func report(_ number: Int) throws -> AlarmReport {
    AlarmReport(
      Alarm(
        id: "pump-7#\(number)", machine: "pump-7", state: .unacknowledged, priority: .alarm, members: [point], raisedAt: time(2),
        changedAt: time(2), explanation: try explanation))
  }

  private var explanation: Explanation {
    get throws {
      let json = #"{"words":"High","decided_by":[],"uncalibrated":false,"contributions":[],"lines":[]}"#
      return try JSON.decode(Explanation.self, from: json.utf8)
    }
  }

  @Test("frames are booked as dropped, ledgers add up, the newest state and every alarm wait, the rest is counted")
  func absorbs() throws {
    let backlog = VolatileBacklog()
    backlog.absorb(try change(1), reason: "full", at: time(10))
    backlog.absorb(try change(2, alarm: true), reason: "full", at: time(20))
    let whole = backlog.adding(try change(3, alarm: true))
    let points = whole.points
    #expect(points.count == 2)
    #expect(points[0].ledger.received == 6)
    #expect(points[0].ledger.analysed == 0)
    #expect(points[0].ledger.dropped == [.unstored: 4])
    #expect(points[0].ledger.pending == 2)
    #expect(points[0].ledger.balances)
    #expect(points[0].state.pendingFrames == 2)
    #expect(points[0].trend.isEmpty)
    #expect(points[0].occurrences.count == 1)
    #expect(points[1].ledger.analysed == 2, "what is committed now is committed whole")
    let told = try #require(whole.unstored)
    #expect(told.frames == 4)
    #expect(told.trendRows == 2)
    #expect(told.events == 2)
    #expect(told.from == time(10) && told.to == time(20))
    #expect(whole.session?.rows.map(\.slot) == [1, 2, 3])
    backlog.clear()
    #expect(backlog.adding(Change()).isEmpty)
  }

  @Test("alarms beyond what memory holds are counted, the newest stay")
  func bounded() throws {
    let backlog = VolatileBacklog()
    for number in 0..<VolatileBacklog.mostAlarms + 5 {
      backlog.absorb(try change(number, alarm: true), reason: "full", at: time(1))
    }
    let whole = backlog.adding(Change())
    #expect(whole.points[0].occurrences.count == VolatileBacklog.mostAlarms)
    #expect(whole.unstored?.events == VolatileBacklog.mostAlarms + 5 + 5)
    #expect(whole.session?.rows.count ?? 0 <= RedeliveryRing.capacity)
  }

  @Test("a lost session empties the ring that waits")
  func session() throws {
    let backlog = VolatileBacklog()
    backlog.absorb(try change(1), reason: "full", at: time(1))
    var lost = try change(2)
    lost.session?.isLost = true
    #expect(backlog.adding(lost).session?.rows.map(\.slot) == [2])
  }

  private func order(_ number: Int) throws -> Change {
    var change = Change()
    change.people.note(
      Alarm(
        id: "pump-7#1", machine: "pump-7", state: .acknowledged, priority: .alarm, members: [point], raisedAt: time(2),
        changedAt: time(Double(number)), explanation: try explanation))
    change.people.labels = [LabelRow(subject: "pump-7/de", label: .bad, fault: nil, note: "\(number)", by: "ann", at: time(3))]
    let suppression = Suppression(reason: .outOfService, by: "ann", since: time(3))
    change.people.suppressions[point] = .some(number.isMultiple(of: 2) ? nil : suppression)
    change.people.forgotten = [point]
    change.occurrences = [
      Occurrence(arrival: 0, time: time(3), subject: "pump-7/de", kind: .outOfService(PointAnswer(by: "ann")))
    ]
    return change
  }

  @Test("what people ordered waits too, in order, and goes with what they order when the disk is back")
  func people() throws {
    let backlog = VolatileBacklog()
    backlog.absorb(try order(1), reason: "full", at: time(1))
    backlog.absorb(try order(2), reason: "full", at: time(2))
    let whole = backlog.adding(try order(3))
    #expect(whole.people.labels.map(\.note) == ["1", "2", "3"])
    #expect(whole.people.alarms.map(\.changedAt) == [time(3)])
    #expect(whole.people.suppressions[point]??.reason == .outOfService)
    #expect(whole.people.forgotten == [point])
    #expect(whole.occurrences.count == 3)
    #expect(whole.unstored?.events == 0)
  }

  @Test("an alarm that went on after people spoke of it is stored as it went on")
  func alarmWentOn() throws {
    let backlog = VolatileBacklog()
    backlog.absorb(try order(1), reason: "full", at: time(1))
    var outcome = PointOutcome(point: point, state: PointState())
    outcome.alarms = [
      Alarm(
        id: "pump-7#1", machine: "pump-7", state: .closed, priority: .alarm, members: [point], raisedAt: time(2),
        changedAt: time(9), explanation: try explanation)
    ]
    var newer = Change()
    newer.points = [outcome]
    let whole = backlog.adding(newer)
    #expect(whole.people.alarms.isEmpty)
    #expect(whole.points.last?.alarms.map(\.changedAt) == [time(9)])
  }

  @Test("a reader is named after ten seconds without a break, once, and taken back when it goes")
  func readers() {
    var lasting = LastingReaders()
    let one = LogReaders.Reader(pid: 7, name: "sqlite3")
    #expect(lasting.look([one], at: 0) == nil)
    #expect(lasting.look([one], at: 9) == nil)
    #expect(lasting.look([], at: 9.5) == nil)
    #expect(lasting.look([one], at: 10) == nil)
    guard case .begun(let words) = lasting.look([one], at: 20) else {
      Issue.record("it is not named")
      return
    }
    #expect(words.contains("process 7 (sqlite3)"))
    #expect(lasting.look([one], at: 21) == nil)
    #expect(lasting.look([], at: 22) == .ended)
  }
}
