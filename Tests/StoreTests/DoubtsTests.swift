import Contracts
import Foundation
import Signal
import TestSupport
import Testing

@testable import Anomaly
@testable import Store

/// Times that were given by a clock in doubt.
@Suite struct DoubtsTests {
  let store: Store
  let folder: TemporaryFolder
  static let point = PointID(machine: "pump", point: "de")
  static let right = UnixTime(seconds: 1_800_000_000)

  init() throws {
    folder = try TemporaryFolder()
    store = try Store.open(
      folder: folder.path("state"),
      settings: StoreSettings(
        origin: EventOrigin(fleet: "demo", gateway: "gw-1"), version: "1", startedAt: Self.right, binding: [1]))
  }

  /// An event and a row of a history, as read at that moment.
  func commit(_ uptime: Int64, _ wall: UnixTime, _ quality: ClockQuality, jump: ClockJump? = nil, sourceTime: UnixTime? = nil)
    throws
  {
    var change = Change()
    change.clock = ClockStamp(boot: "b1", uptime: uptime * 1_000_000_000, wall: wall, quality: quality)
    change.clockJump = jump
    change.occurrences = [
      Occurrence(arrival: 0, time: wall, subject: "pump/de", kind: .sensorFault(SensorReport(reason: "at \(uptime)")))
    ]
    var outcome = PointOutcome(point: Self.point, state: PointState())
    outcome.trend = [
      TrendRow(time: sourceTime ?? wall, velocityRMS: 1, rms: Double(uptime), kurtosis: 3, probability: nil, verdict: .normal)
    ]
    change.points = [outcome]
    try store.commit(change)
  }

  func jump(_ uptime: Int64, to time: UnixTime, _ quality: ClockQuality) -> ClockJump {
    ClockJump(
      bootId: "b1", uptimeMs: uptime * 1000, from: UnixTime(seconds: Double(uptime)), to: time, seconds: 1, qualityBefore: .wrong,
      quality: quality)
  }

  func trendTimes() throws -> [UnixTime] { try store.reader.trend(of: Self.point, newest: 100).map(\.time) }

  @Test("rows taken in 1970 get their time once it is known, in their order, and say so; bytes and chain stay")
  func corrected() throws {
    for second in 1...3 { try commit(Int64(second), UnixTime(seconds: Double(second)), .wrong) }
    #expect(try store.reader.events(newest: 10).map(\.clock) == [.inDoubt, .inDoubt, .inDoubt])
    let before = try store.reader.events(newest: 10).map(\.bytes)
    try commit(10, Self.right, .unsynchronised, jump: jump(10, to: Self.right, .unsynchronised))
    let expected = [-9.0, -8, -7, 0].map { Self.right.advanced(bySeconds: $0) }
    #expect(try trendTimes() == expected)
    let events = try store.reader.events(newest: 10)
    #expect(events.map(\.bytes).suffix(3) == before.suffix(3))
    #expect(events.reversed().map(\.time).prefix(3) == expected.prefix(3))
    #expect(events.suffix(3).allSatisfy { $0.clock == .putRight })
    #expect(events.contains { $0.type == ClockJump.type })
    let text = String(decoding: before[0], as: UTF8.self)
    #expect(text.contains(#""clock":"wrong""#) && text.contains(#""bootid":"b1""#) && text.contains(#""uptimems":3000"#))
  }

  /// An alarm's row as it was read at that moment.
  func save(_ alarm: Alarm, _ uptime: Int64, _ wall: UnixTime, _ quality: ClockQuality, jump: ClockJump? = nil) throws {
    var change = Change()
    change.clock = ClockStamp(boot: "b1", uptime: uptime * 1_000_000_000, wall: wall, quality: quality)
    change.clockJump = jump
    var outcome = PointOutcome(point: Self.point, state: PointState())
    outcome.alarms = [alarm]
    change.points = [outcome]
    try store.commit(change)
  }

  func alarm(raised: UnixTime, changed: UnixTime, cleared: UnixTime? = nil) -> Alarm {
    let explanation = Explanation(
      words: "w", decidedBy: [], uncalibrated: false, contributions: [], lines: [])
    return Alarm(
      id: "pump#1", machine: "pump", state: .unacknowledged, priority: .alarm, members: [Self.point], raisedAt: raised,
      changedAt: changed, clearedAt: cleared, explanation: explanation)
  }

  @Test(
    "an alarm raised in 1970 tells when it was raised once that is known, and a later leap moves nothing that was stamped rightly"
  )
  func alarmTimes() throws {
    let (raised, cleared) = (UnixTime(seconds: 2), UnixTime(seconds: 6))
    try save(alarm(raised: raised, changed: raised), 2, raised, .wrong)
    try save(alarm(raised: raised, changed: cleared, cleared: cleared), 6, cleared, .wrong)
    try commit(10, Self.right, .synchronised, jump: jump(10, to: Self.right, .synchronised))
    let known = try #require(try store.reader.alarm("pump#1"))
    #expect(known.raisedAt == Self.right.advanced(bySeconds: -8))
    #expect((known.changedAt, known.clearedAt) == (Self.right.advanced(bySeconds: -4), Self.right.advanced(bySeconds: -4)))
    // It rises again: what is stamped now is right.
    let again = Self.right.advanced(bySeconds: 20)
    try save(alarm(raised: raised, changed: again), 30, again, .synchronised)
    let later = Self.right.advanced(bySeconds: 90)
    try commit(40, later, .synchronised, jump: jump(40, to: later, .synchronised))
    let last = try #require(try store.reader.alarm("pump#1"))
    #expect(last.raisedAt == later.advanced(bySeconds: -38))
    #expect((last.changedAt, last.clearedAt) == (again, nil))
  }

  @Test("what is in doubt stays so, and is put right, when the store was damaged in between")
  func salvaged() throws {
    let raised = UnixTime(seconds: 2)
    try save(alarm(raised: raised, changed: raised), 2, raised, .wrong)
    try commit(3, UnixTime(seconds: 3), .wrong)
    let place = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: folder.path("state"), toPath: place.path("state"))
    Store.raiseSuspicion(in: place.path("state"), "a test")
    let again = try Store.open(
      folder: place.path("state"),
      settings: StoreSettings(
        origin: EventOrigin(fleet: "demo", gateway: "gw-1"), version: "1", startedAt: Self.right, binding: [1]))
    #expect(again.opening.salvage != nil)
    var change = Change()
    change.clock = ClockStamp(boot: "b1", uptime: 10_000_000_000, wall: Self.right, quality: .synchronised)
    change.clockJump = jump(10, to: Self.right, .synchronised)
    try again.commit(change)
    #expect(try again.reader.alarm("pump#1")?.raisedAt == Self.right.advanced(bySeconds: -8))
    #expect(try again.reader.trend(of: Self.point, newest: 10).map(\.time) == [Self.right.advanced(bySeconds: -7)])
  }

  @Test("a clock that nobody vouches for is no clock in doubt while it shows a time that can be")
  func unvouched() throws {
    try commit(1, Self.right, .unsynchronised)
    #expect(try store.reader.events(newest: 1).map(\.clock) == [.unvouched])
  }

  @Test("a leap to a wrong time changes nothing; a source's own times are its own affair; a trusted clock leaves no doubt")
  func untouched() throws {
    let own = UnixTime(seconds: 1_700_000_000)
    try commit(1, Self.right, .unsynchronised, sourceTime: own)
    try commit(2, UnixTime(seconds: 5), .wrong, jump: jump(2, to: UnixTime(seconds: 5), .wrong), sourceTime: own)
    #expect(try trendTimes() == [own, own])
    try commit(
      3, Self.right.advanced(bySeconds: 2), .synchronised, jump: jump(3, to: Self.right.advanced(bySeconds: 2), .synchronised))
    #expect(try trendTimes().prefix(2) == [own, own])
    let events = try store.reader.events(newest: 1)
    #expect(events.first?.clock == nil)
    #expect(String(decoding: try #require(events.first).bytes, as: UTF8.self).contains("bootid") == false)
  }
}
