import Anomaly
import Contracts
import Foundation
import SQLite
import Signal
import Store
import TestSupport
import Testing

@Suite struct LanesTests {
  let bench: Bench
  let store: Store

  init() throws {
    bench = try Bench()
    store = try bench.open()
  }

  private func raised(_ number: Int, arrival: Int) throws -> Occurrence {
    Occurrence(
      arrival: arrival, time: time(1), subject: "pump-\(number)", kind: .alarmRaised(AlarmReport(try alarm(number))))
  }

  private func commit(_ count: Int) throws {
    for number in 0..<count { try store.commit(change { $0.occurrences = [fault(subject: "s\(number)")] }) }
  }

  private func items(_ lane: Lane, in store: Store) throws -> [LaneItem] {
    try store.reader.items(of: lane, beyond: 0, bytes: .max)
  }

  private func event(_ item: LaneItem) throws -> CloudEvent { try JSON.decode(CloudEvent.self, from: item.bytes) }

  @Test("occurrences of several points are numbered in order of arrival, alarms in a lane of their own")
  func order() throws {
    var (first, second) = (try fullOutcome(1), try fullOutcome(2))
    first.occurrences = [fault(subject: "a", arrival: 0), fault(subject: "d", arrival: 7), try raised(1, arrival: 8)]
    second.occurrences = [fault(subject: "b", arrival: 3), try raised(2, arrival: 2)]
    try store.commit(
      change {
        $0.points = [first, second]
        $0.occurrences = [fault(subject: "", arrival: 5)]
      })
    #expect(try items(.event, in: store).map { try event($0).subject } == ["a", "b", nil, "d"])
    #expect(try items(.event, in: store).map(\.sequence) == [1, 2, 3, 4])
    #expect(try items(.alarm, in: store).map { try event($0).subject } == ["pump-2", "pump-1"])
    #expect(try event(items(.alarm, in: store)[0]).type == "org.thrum.alarm.raised.v1")
    let epoch = try #require(try store.reader.numbering()?.epoch)
    #expect(try event(items(.event, in: store)[3]).id == "gw-1:\(epoch):event:4")
    #expect(try store.reader.events(newest: 10).count == 6)
  }

  @Test("Python's hashlib makes the same chain from the stored bytes")
  func chain() throws {
    try commit(20)
    let judge = """
      import hashlib, sqlite3, sys
      database = sqlite3.connect(sys.argv[1])
      (number, digest), = database.execute("SELECT number, epoch FROM epoch")
      for sequence, stored, event in database.execute("SELECT sequence, hash, bytes FROM event WHERE lane = 'event' ORDER BY sequence"):
          digest = hashlib.sha256(digest + event).digest()
          assert digest == stored
      print(sequence, digest.hex(), end="")
      """
    let head = try #require(try store.reader.numbering()?.lanes.first { $0.lane == .event })
    #expect(try run(["python3", "-c", judge, bench.database]) == "20 \(head.hash)")
    #expect(head.last == 20)
  }

  @Test("unsent items come in order, at least one, and no more than the bytes allow")
  func slices() throws {
    try commit(10)
    let size = try items(.event, in: store)[0].bytes.count + 1
    #expect(try store.reader.items(of: .event, beyond: 3, bytes: 3 * size).map(\.sequence) == [4, 5, 6])
    #expect(try store.reader.items(of: .event, beyond: 3, bytes: 1).map(\.sequence) == [4])
    #expect(try store.reader.items(of: .event, beyond: 10, bytes: .max).isEmpty)
  }

  @Test("the plane's position moves both ways on our own hashes, and not at all on others")
  func positions() throws {
    try commit(5)
    let numbering = try #require(try store.reader.numbering())
    func take(_ through: UInt64, _ hash: ChainHash?, epoch: Epoch? = nil) throws -> UInt64? {
      let position = LanePosition(
        lane: .event, epoch: epoch ?? numbering.epoch, through: through, hash: try #require(hash))
      try store.commit(change { $0.positions = [position] })
      return try store.reader.numbering()?.lanes.first { $0.lane == .event }?.through
    }
    #expect(numbering.unsentEvents == 5)
    #expect(numbering.oldestUnsent == time(9))
    #expect(try take(3, store.reader.hash(of: .event, at: 3)) == 3)
    #expect(try take(4, store.reader.hash(of: .event, at: 3)) == 3)
    #expect(try take(6, store.reader.hash(of: .event, at: 5)) == 3)
    #expect(try take(4, store.reader.hash(of: .event, at: 4), epoch: .random()) == 3)
    #expect(try take(0, ChainHash(numbering.epoch)) == 0)
    #expect(try take(5, store.reader.hash(of: .event, at: 5)) == 5)
    #expect(try store.reader.numbering()?.oldestUnsent == nil)
    #expect(try store.reader.events(newest: 10).allSatisfy(\.isDelivered))
  }

  @Test("a new epoch numbers again what the plane has not got: same bytes, same ids, own chain; the rest stays")
  func renewal() throws {
    try commit(5)
    try store.commit(change { $0.occurrences = [try raised(1, arrival: 0)] })
    let old = try #require(try store.reader.numbering())
    let before = try items(.event, in: store)
    try store.commit(change { $0.positions = [LanePosition(lane: .event, epoch: old.epoch, through: 3, hash: before[2].hash)] })
    try store.renewEpoch(reason: "the plane knew more", binding: [1], at: time(20))

    let new = try #require(try store.reader.numbering())
    #expect(new.epoch != old.epoch)
    #expect(new.parent == old.epoch)
    let after = try items(.event, in: store)
    #expect(after.map(\.sequence) == [1, 2])
    #expect(after.map(\.bytes) == before[3...].map(\.bytes))
    #expect(after[1].hash == ChainHash(new.epoch).appending(before[3].bytes).appending(before[4].bytes))
    #expect(try items(.alarm, in: store).map(\.sequence) == [1])
    #expect(new.lanes.map(\.last) == [1, 2, 0, 0, 0])
    #expect(new.unsentEvents == 3)

    try commit(1)
    #expect(try event(items(.event, in: store)[2]).id == "gw-1:\(new.epoch):event:3")
    #expect(try store.reader.events(newest: 10).map(\.isDelivered) == [false, false, false, false, true, true, true])
  }

  @Test("on other hardware the store starts a new epoch, on the same it goes on")
  func binding() throws {
    let bench = try Bench()
    func epoch(_ binding: [UInt8]) throws -> Numbering { try #require(try bench.open(binding: binding).reader.numbering()) }
    let first = try epoch([1])
    #expect(first.parent == nil)
    #expect(try epoch([1]).epoch == first.epoch)
    let moved = try epoch([2])
    #expect(moved.epoch != first.epoch)
    #expect(moved.parent == first.epoch)
    #expect(moved.incarnation == 3)
  }
}
