import Anomaly
import Contracts
import Signal
import TestSupport
import Testing

@testable import ControlPlane

/// What a plane makes of measurements and of clocks that were wrong.
@Suite struct MeasuredTests {
  let folder: TemporaryFolder
  let store: PlaneStore
  let gateway: PlaneTopics
  let epoch = Epoch.random()
  static let now = UnixTime(seconds: 1_800_000_000)
  static let origin = EventOrigin(fleet: "demo", gateway: "gw-1")

  init() throws {
    folder = try TemporaryFolder()
    store = try PlaneStore(path: folder.path("plane.db"))
    gateway = try #require(PlaneTopics(fleet: "demo", gateway: "gw-1"))
    let hello = Hello(epoch: epoch, parentEpoch: nil, incarnation: 1, nonce: .random(), version: "1", lanes: [:])
    _ = try store.take(hello, from: gateway, at: Self.now)
  }

  func reader() throws -> PlaneReader { try PlaneReader(path: folder.path("plane.db")) }

  func send(_ events: [[UInt8]], _ lane: Lane) throws {
    let batch = EventBatch(epoch: epoch, incarnation: 1, lane: lane, first: 1, prevHash: ChainHash(epoch), events: events)
    _ = try store.take(try EventBatch(decoding: batch.compressed), from: gateway, at: Self.now)
  }

  func ledger(_ received: Int, missing: Int, sequence: UInt64) -> [UInt8] {
    var ledger = Ledger()
    (ledger.received, ledger.analysed, ledger.missing) = (received, received, missing)
    let summary = LedgerSummary.parts([.init(machine: "pump", point: "de", ledger: LedgerReport(ledger))])[0]
    return CloudEvent(
      .trend, type: LedgerSummary.type, subject: "", at: Self.now, from: Self.origin, epoch: epoch, sequence: sequence
    ).encoded(with: summary)
  }

  @Test("the newest word on a point's frames stands, and the fleet shows what is lost; measurements are no events to people")
  func ledgers() throws {
    try send([ledger(10, missing: 0, sequence: 1), ledger(20, missing: 3, sequence: 2)], .trend)
    let rows = try reader().ledgers()
    #expect(rows.map(\.received) == [20])
    #expect(rows.map(\.missing) == [3])
    #expect(try reader().fleet().map(\.missing) == [3])
    #expect(try reader().fleet().map(\.events) == [0])
    #expect(try reader().events().isEmpty)
    #expect(try reader().events(.init(lane: .trend)).count == 2)
  }

  func event(_ sequence: UInt64, _ stamp: ClockStamp) -> [UInt8] {
    let occurrence = Occurrence(
      arrival: 0, time: stamp.wall, subject: "pump/de", kind: .sensorFault(SensorReport(reason: "stuck")))
    var event = CloudEvent(occurrence, from: Self.origin, epoch: epoch, sequence: sequence)
    event.note(stamp)
    return event.encoded(with: occurrence.kind)
  }

  func stamp(_ seconds: Int64, _ wall: UnixTime, _ quality: ClockQuality = .unsynchronised) -> ClockStamp {
    ClockStamp(boot: "b1", uptime: seconds * 1_000_000_000, wall: wall, quality: quality)
  }

  @Test("times of 1970 are put right by what the gateway says later of the same boot, whatever lane comes first; the bytes stay")
  func clocks() throws {
    let early = event(1, stamp(5, UnixTime(seconds: 5), .wrong))
    let jump = ClockJump(
      bootId: "b1", uptimeMs: 10_000, from: UnixTime(seconds: 10), to: Self.now, seconds: 1.8e9, qualityBefore: .wrong,
      quality: .unsynchronised)
    let news = CloudEvent(type: ClockJump.type, at: Self.now, from: Self.origin, epoch: epoch, sequence: 2).encoded(with: jump)
    try send([early, news], .event)
    #expect(try reader().events().map(\.time) == [Self.now.advanced(bySeconds: -5), Self.now])
    #expect(try reader().events().map(\.bytes) == [early, news])
    try send([event(9, stamp(7, UnixTime(seconds: 7), .wrong))], .alarm)
    #expect(try reader().events(.init(lane: .alarm)).map(\.time) == [Self.now.advanced(bySeconds: -3)])
  }
}
