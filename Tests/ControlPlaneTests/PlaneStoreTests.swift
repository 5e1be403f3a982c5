import Contracts
import SQLite
import Signal
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct PlaneStoreTests {
  let folder: TemporaryFolder
  let store: PlaneStore
  let gateway: PlaneTopics
  static let epoch = Epoch(unchecked: Array(0..<16))
  static let other = Epoch(unchecked: Array(16..<32))
  static let nonce = Nonce.random()
  static let now = UnixTime(seconds: 1_800_000_000)

  init() throws {
    folder = try TemporaryFolder()
    store = try PlaneStore(path: folder.path("plane.db"))
    gateway = try PlaneTopics(fleet: "demo", gateway: "gw-1").orThrow()
    _ = try hello()
  }

  // MARK: what a gateway says

  @discardableResult
  func hello(_ epoch: Epoch = epoch, incarnation: UInt64 = 5, after seconds: Double = 0) throws -> Welcome {
    let hello = Hello(epoch: epoch, parentEpoch: nil, incarnation: incarnation, nonce: Self.nonce, version: "1", lanes: [:])
    return try store.take(hello, from: gateway, at: Self.now.advanced(bySeconds: seconds))
  }

  static func event(_ id: Int, _ data: Int = 0) -> [UInt8] {
    Array(
      """
      {"data":{"n":\(data)},"datacontenttype":"application/json","id":"gw-1:\(epoch):alarm:\(id)","source":"/demo/gw-1",\
      "specversion":"1.0","subject":"pump-7","time":"2026-01-01T00:00:00.000Z","type":"org.thrum.alarm.raised.v1"}
      """.utf8)
  }

  static func batch(
    _ first: UInt64, _ events: [[UInt8]], after previous: EventBatch? = nil, epoch: Epoch = epoch, incarnation: UInt64 = 5
  ) -> EventBatch {
    EventBatch(
      epoch: epoch, incarnation: incarnation, lane: .alarm, first: first, prevHash: previous?.header.hash ?? ChainHash(epoch),
      events: events)
  }

  func send(_ batch: EventBatch) throws -> PlaneStore.Answer { try store.take(batch, from: gateway, at: Self.now) }

  // MARK: what the plane holds

  func events() throws -> [[UInt8]] { try PlaneReader(path: folder.path("plane.db")).events().map(\.bytes) }
  func forks() throws -> [[UInt8]] {
    try PlaneReader(path: folder.path("plane.db")).database.rows("SELECT bytes FROM fork ORDER BY row") { $0[0] }
  }

  func ack(_ batch: EventBatch) -> PlaneStore.Answer {
    .ack(
      Ack(
        epoch: batch.header.epoch, lane: .alarm, nonce: Self.nonce, planeIncarnation: 1, through: batch.header.last,
        hash: batch.header.hash))
  }
  func nack(_ expected: UInt64, _ epoch: Epoch = epoch) -> PlaneStore.Answer {
    .nack(Nack(epoch: epoch, lane: .alarm, nonce: Self.nonce, expected: expected))
  }

  static let first = batch(1, [event(1), event(2)])
  static let second = batch(3, [event(3)], after: first)

  @Test("batches in turn are stored and acknowledged; the welcome tells where the lane stands")
  func inTurn() throws {
    #expect(try send(Self.first) == ack(Self.first))
    #expect(try send(Self.second) == ack(Self.second))
    #expect(try events() == [Self.event(1), Self.event(2), Self.event(3)])
    let welcome = try hello()
    #expect(welcome.lanes["alarm"] == Welcome.Position(through: 3, hash: Self.second.header.hash))
    #expect(welcome.lanes["event"] == Welcome.Position(through: 0, hash: ChainHash(Self.epoch)))
  }

  @Test("a gap stands for its numbers: the chain goes on from its hash, and the plane can say what it has not got")
  func gap() throws {
    let hash = ChainHash(Self.epoch).appending([1, 2, 3])
    let gap = GapLine(from: 3, to: 9, reason: "evicted", count: 7, hash: hash)
    let batch = Self.batch(1, [Self.event(1), Self.event(2), gap.encoded, Self.event(10)])
    #expect(batch.numbers == [1, 2, 9, 10])
    #expect(batch.header.last == 10)
    #expect(try EventBatch(decoding: batch.encoded) == batch)
    #expect(try send(batch) == ack(batch))
    #expect(try send(batch) == ack(batch))
    #expect(try events() == [Self.event(1), Self.event(2), Self.event(10)])
    let next = Self.batch(11, [Self.event(11)], after: batch)
    #expect(try send(next) == ack(next))
    let gaps = try PlaneReader(path: folder.path("plane.db")).gaps()
    #expect(gaps.map { [$0.first, $0.last, UInt64($0.count)] } == [[3, 9, 7]])
    #expect(gaps[0].gateway == "gw-1" && gaps[0].reason == "evicted")
  }

  @Test("a gap that does not begin where it stands is no batch")
  func misplacedGap() throws {
    let gap = GapLine(from: 5, to: 9, reason: "evicted", count: 5, hash: ChainHash(Self.epoch).appending([1]))
    let payload = Self.batch(1, [Self.event(1), gap.encoded]).encoded
    #expect(throws: PlaneMessageError.self) { try EventBatch(decoding: payload) }
  }

  @Test("a batch that is there already is acknowledged again, as far as it goes, and stored once")
  func repeated() throws {
    for batch in [Self.first, Self.second, Self.first, Self.second] { #expect(try send(batch) == ack(batch)) }
    #expect(try events().count == 3)
    #expect(try forks().isEmpty)
  }

  @Test("a batch ahead of its turn is refused with the number that is expected")
  func ahead() throws {
    #expect(try send(Self.second) == nack(1))
    #expect(try events().isEmpty)
  }

  @Test("a batch whose chain does not continue ours is refused")
  func foreignChain() throws {
    #expect(try send(Self.first) == ack(Self.first))
    let foreign = Self.batch(3, [Self.event(3)], after: Self.batch(1, [Self.event(1), Self.event(9)]))
    #expect(try send(foreign) == nack(3))
    #expect(try events().count == 2)
  }

  @Test("the same numbers with another hash are kept as forks, once, and not acknowledged")
  func fork() throws {
    #expect(try send(Self.first) == ack(Self.first))
    let fork = Self.batch(1, [Self.event(1), Self.event(2, 7)])
    for _ in 0..<3 { #expect(try send(fork) == nack(3)) }
    #expect(try forks() == [Self.event(2, 7)])
    #expect(try events() == [Self.event(1), Self.event(2)])
  }

  @Test("a batch that begins in what is stored and goes beyond it is asked for from there")
  func overlapping() throws {
    #expect(try send(Self.first) == ack(Self.first))
    #expect(try send(Self.batch(1, [Self.event(1), Self.event(2), Self.event(3)])) == nack(3))
    #expect(try forks().isEmpty)
  }

  @Test("within an epoch a lower incarnation is refused, even what is stored; hello is answered")
  func incarnation() throws {
    #expect(try send(Self.first) == ack(Self.first))
    #expect(try send(Self.batch(1, [Self.event(1), Self.event(2)], incarnation: 4)) == nack(3))
    #expect(try hello(incarnation: 4).lanes["alarm"]?.through == 2)
    #expect(try send(Self.batch(3, [Self.event(3)], after: Self.first, incarnation: 4)) == nack(3))
    #expect(try send(Self.batch(3, [Self.event(3)], after: Self.first, incarnation: 6)) != nack(3))
    #expect(try send(Self.batch(4, [Self.event(4)], after: Self.second, incarnation: 5)) == nack(4))
  }

  @Test("a numbering that never said hello gets no answer")
  func stranger() throws {
    #expect(try send(Self.batch(1, [Self.event(1)], epoch: Self.other)) == .none)
    #expect(try events().isEmpty)
  }

  @Test("under a new epoch an event is stored once by its id; the same id with other bytes is a fork, and the lane goes on")
  func renumbered() throws {
    #expect(try send(Self.first) == ack(Self.first))
    try hello(Self.other, incarnation: 1)
    let again = Self.batch(1, [Self.event(2), Self.event(1, 7), Self.event(3)], epoch: Self.other, incarnation: 1)
    #expect(try send(again) == ack(again))
    #expect(try events() == [Self.event(1), Self.event(2), Self.event(3)])
    #expect(try forks() == [Self.event(1, 7)])
  }

  @Test("an event that cannot be read is kept, and shown as such")
  func unreadable() throws {
    let batch = Self.batch(1, [Array("not json".utf8), Self.event(2)])
    #expect(try send(batch) == ack(batch))
    #expect(try PlaneReader(path: folder.path("plane.db")).events().map(\.type) == ["unreadable", "org.thrum.alarm.raised.v1"])
  }

  @Test("a last will of an earlier life, or of a numbering that was left, does not make a gateway offline")
  func wills() throws {
    func tell(_ state: LinkState, _ epoch: Epoch, _ incarnation: UInt64) throws {
      let status = GatewayStatus(state: state, connectedAt: Self.now, epoch: epoch, incarnation: incarnation, version: "1")
      try store.take(status, from: gateway, at: Self.now)
    }
    func state() throws -> String? { try PlaneReader(path: folder.path("plane.db")).fleet().first?.state }
    try tell(.online, Self.epoch, 5)
    try tell(.offline, Self.epoch, 4)
    #expect(try state() == "online")
    try hello(Self.other, incarnation: 1, after: 1)
    try tell(.offline, Self.epoch, 5)
    #expect(try state() == "online")
    try tell(.offline, Self.other, 1)
    #expect(try state() == "offline")
  }

  @Test("two machines under one name are both in the fleet; an epoch that was left is not")
  func twoMachines() throws {
    func fleet() throws -> [FleetRow] { try PlaneReader(path: folder.path("plane.db")).fleet() }
    try hello(Self.other, after: 10)
    #expect(try fleet().map(\.epoch) == [Self.other])
    try hello(Self.epoch, after: 20)
    #expect(try fleet().map(\.epoch) == [Self.epoch, Self.other])
    #expect(try fleet().allSatisfy(\.isContested))
  }

  /// An event of the lane `alarm`, with the alarm's state where a person made it.
  private static func alarm(_ number: Int, _ type: String, _ alarm: String, _ state: String? = nil) -> [UInt8] {
    let machine = alarm.prefix { $0 != "#" }
    let told = #"{"alarm":"\#(alarm)","machine":"\#(machine)","points":["de"]"#
    let data = told + (state.map { #","state":"\#($0)"}"# } ?? "}")
    return Array(
      """
      {"data":\(data),"datacontenttype":"application/json","id":"gw-1:\(epoch):alarm:\(number)","source":"/demo/gw-1",\
      "specversion":"1.0","subject":"pump-7","time":"2026-01-01T00:00:00.000Z","type":"org.thrum.alarm.\(type).v1"}
      """.utf8)
  }

  private static func service(_ number: Int, _ type: String, _ point: String) -> [UInt8] {
    Array(
      """
      {"data":{"by":"eve"},"datacontenttype":"application/json","id":"gw-1:\(epoch):alarm:\(number)","source":"/demo/gw-1",\
      "specversion":"1.0","subject":"\(point)","time":"2026-01-01T00:00:00.000Z","type":"org.thrum.point.\(type).v1"}
      """.utf8)
  }

  private static let alarmStory = [
    alarm(1, "raised", "a#1"), alarm(2, "escalated", "a#1"), alarm(3, "acknowledged", "a#1", "acknowledged"),
    alarm(4, "raised", "b#1"), alarm(5, "shelved", "b#1", "shelved"), alarm(6, "raised", "c#1"), alarm(7, "cleared", "c#1"),
    alarm(8, "raised", "d#1"), alarm(9, "shelved", "d#1", "shelved"), alarm(10, "unshelved", "d#1", "acknowledged"),
    alarm(11, "raised", "e#1"), alarm(12, "shelved", "e#1", "shelved"), alarm(13, "unshelved", "e#1", "closed"),
  ]

  @Test("the fleet counts alarms that stand, not what happened to them; a gateway that was reset begins with none")
  func standingAlarms() throws {
    func row() throws -> FleetRow { try #require(try PlaneReader(path: folder.path("plane.db")).fleet().first) }
    let batch = Self.batch(1, Self.alarmStory)
    _ = try send(batch)
    #expect(try row().alarms == 2, "a#1 and d#1")
    #expect(try row().events == 13)
    let away = Self.batch(
      14, [Self.service(14, "out_of_service", "d/de"), Self.service(15, "out_of_service", "a/nde")], after: batch)
    _ = try send(away)
    #expect(try row().alarms == 1, "d#1 is of a point out of service, a#1 is not")
    let back = Self.batch(16, [Self.service(16, "in_service", "d/de")], after: away)
    _ = try send(back)
    #expect(try row().alarms == 2)
    _ = try send(Self.batch(17, [Self.alarm(17, "cleared", "a#1")], after: back))
    #expect(try row().alarms == 1)
    try hello(after: 5)
    #expect(try row().alarms == 1, "the same numbering again is no reset")
    try hello(Self.other, after: 10)
    #expect(try row().alarms == 0)
  }

  @Test("a database of the version before knows its standing alarms once it is opened")
  func standingAlarmsOfAnOlderPlane() throws {
    let batch = Self.batch(1, Self.alarmStory)
    _ = try send(batch)
    let services = [("out_of_service", "d/de"), ("out_of_service", "a/de"), ("in_service", "a/de")]
    _ = try send(Self.batch(14, services.enumerated().map { Self.service(14 + $0, $1.0, $1.1) }, after: batch))
    let before = try PlaneReader(path: folder.path("plane.db")).fleet().map(\.alarms)
    try store.database.execute("DROP TABLE standing; DROP TABLE aside; PRAGMA user_version = \(PlaneSchema.version - 1)")
    let again = try PlaneStore(path: folder.path("plane.db"))
    #expect(try again.database.rows("SELECT alarm FROM standing ORDER BY alarm") { $0[0] as String } == ["a#1", "d#1"])
    #expect(try again.database.rows("SELECT point FROM aside") { $0[0] as String } == ["d/de"])
    let after = try PlaneReader(path: folder.path("plane.db")).fleet().map(\.alarms)
    #expect(before == [1] && after == before)
  }

  @Test("each opening is a new incarnation, and goes on where the last one stood")
  func reopened() throws {
    _ = try send(Self.first)
    let again = try PlaneStore(path: folder.path("plane.db"))
    #expect((store.incarnation, again.incarnation) == (1, 2))
    let hello = Hello(epoch: Self.epoch, parentEpoch: nil, incarnation: 6, nonce: .random(), version: "1", lanes: [:])
    #expect(try again.take(hello, from: gateway, at: Self.now).lanes["alarm"]?.through == 2)
  }

  @Test("a database of a newer version, or of somebody else, is refused and named")
  func foreignDatabase() throws {
    let newer = folder.path("newer.db")
    _ = try PlaneStore(path: newer)
    try Database(path: newer, mode: .readWriteCreate).execute("PRAGMA user_version = 99")
    #expect(throws: PlaneError.self) { try PlaneStore(path: newer) }
    #expect(throws: PlaneError.self) { try PlaneReader(path: newer) }
    let somebody = folder.path("somebody.db")
    try Database(path: somebody, mode: .readWriteCreate).execute("CREATE TABLE t (x)")
    #expect(throws: PlaneError.self) { try PlaneStore(path: somebody) }
    let error = #expect(throws: PlaneError.self) { try PlaneReader(path: folder.path("missing.db")) }
    #expect(error?.description.contains("missing.db") == true)
  }
}

@Suite struct PlaneDeskTests {
  @Test(
    "what is not as its topic promises is refused and changes nothing",
    arguments: [
      ("hello", "{}"), ("hello", ""), ("alarm", "garbage"), ("alarm", "{}\n{}"), ("status", "[]"), ("event", "\n\n\n"),
    ])
  func refused(name: String, payload: String) throws {
    let folder = try TemporaryFolder()
    let desk = PlaneDesk(store: try PlaneStore(path: folder.path("plane.db")))
    let topic = try UpTopic("thrum/v1/demo/gw-1/up/\(name)").orThrow()
    #expect(throws: DeskError.self) { try desk.take(Array(payload.utf8), on: topic, at: UnixTime(seconds: 0)) }
    #expect(try PlaneReader(path: folder.path("plane.db")).fleet().isEmpty)
  }

  @Test("a batch on another lane's topic is refused")
  func wrongLane() throws {
    let folder = try TemporaryFolder()
    let desk = PlaneDesk(store: try PlaneStore(path: folder.path("plane.db")))
    let topic = try UpTopic("thrum/v1/demo/gw-1/up/event").orThrow()
    #expect(throws: DeskError.self) {
      try desk.take(PlaneStoreTests.batch(1, [PlaneStoreTests.event(1)]).encoded, on: topic, at: UnixTime(seconds: 0))
    }
  }
}
