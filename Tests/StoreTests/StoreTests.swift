import Anomaly
import Contracts
import SQLite
import Signal
import Store
import TestSupport
import Testing

@Suite struct StoreTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  @Test("everything of a point comes back after the store was opened again")
  func restores() throws {
    let outcomes = [try fullOutcome(1), try fullOutcome(2)]
    do { try bench.open().commit(change(points: outcomes)) }
    let store = try bench.open()
    let restored = try store.reader.restoredState(session: "plant")
    #expect(restored.points.map(\.id) == outcomes.map(\.point))
    #expect(restored.points.map(\.point.state) == outcomes.map(\.state))
    #expect(restored.points.map(\.point.sequences) == outcomes.map(\.sequences))
    #expect(restored.points.map(\.point.baseline) == outcomes.map(\.baseline))
    #expect(restored.points.allSatisfy { $0.point.model == nil })
    #expect(restored.alarms == [try alarm(1), try alarm(2)])
    #expect(try store.reader.points().map(\.ledger) == outcomes.map(\.ledger))
    #expect(try store.reader.points().allSatisfy(\.ledger.balances))
    #expect(try store.reader.alarm("pump-2#1") == (try alarm(2)))
    #expect(try store.reader.trend(of: point(2), newest: 10) == outcomes[1].trend)
  }

  @Test("counts add up over commits, and what belongs to no point is kept apart")
  func ledger() throws {
    let store = try bench.open()
    for frame in 0..<3 {
      try store.commit(
        change {
          $0.points = [try fullOutcome(1, frame: frame)]
          $0.unassigned.received = 1
          $0.unassigned.quarantined = [.noSource: 1]
        })
    }
    let ledger = try #require(try store.reader.points().first?.ledger)
    #expect(ledger.received == 12)
    #expect(ledger.quarantined == [.clipped: 3])
    #expect(ledger.dropped == [.gap: 3])
    #expect(ledger.balances)
    #expect(try store.reader.unassigned().quarantined == [.noSource: 3])
    #expect(try store.reader.points().first?.sequences?.ranges == [0...2, .max - 1 ... .max])
    #expect(try store.reader.restoredState(session: "plant").points[0].point.baseline.count == 3)
  }

  @Test("source sequences are kept as their ranges, however these grow, join and split")
  func sequences() throws {
    let store = try bench.open()
    var generator = SystemRandomNumberGenerator()
    var outcome = PointOutcome(point: point(1), state: PointState())
    for _ in 0..<30 {
      let ranges = (0..<UInt64(20)).compactMap { index -> ClosedRange<UInt64>? in
        let start = index * 100 + UInt64.random(in: 0...20, using: &generator)
        return Bool.random(using: &generator) ? start...start + .random(in: 0...60, using: &generator) : nil
      }
      outcome.sequences = SequenceRanges(ranges)
      try store.commit(change(points: [outcome]))
      #expect(try store.reader.points()[0].sequences ?? SequenceRanges() == outcome.sequences)
    }
  }

  @Test("a baseline begun anew replaces the old one; once there is a model it is no longer handed out")
  func baseline() throws {
    let store = try bench.open()
    for frame in [0, 1, 2, 0, 1] { try store.commit(change(points: [try fullOutcome(1, frame: frame)])) }
    func restored() throws -> RestoredPoint { try store.reader.restoredState(session: "plant").points[0].point }
    #expect(try restored().baseline.map(\.index) == [0, 1])
    let model = StoredModel(point: point(1), version: "v1", bytes: [1, 2, 3])
    try store.commit(change { $0.models = [model] })
    #expect(try restored().baseline.isEmpty)
    #expect(try restored().model == model.bytes)
  }

  @Test("an alarm's row follows the alarm")
  func alarms() throws {
    let store = try bench.open()
    var outcome = try fullOutcome(1)
    try store.commit(change(points: [outcome]))
    outcome.alarms = [try alarm(1, state: .closed)]
    try store.commit(change(points: [outcome]))
    #expect(try store.reader.alarms(newest: 10) == [try alarm(1, state: .closed)])
  }

  @Test("a point's history keeps its newest rows")
  func trend() throws {
    let store = try bench.open { $0.maxAgeDays = 1 }
    var outcome = try fullOutcome(1)
    outcome.trend = (0..<2000).map {
      TrendRow(time: time(Int64($0)), velocityRMS: 1, rms: 0, kurtosis: 3, probability: nil, verdict: .normal)
    }
    try store.commit(change(points: [outcome]))
    let kept = try store.reader.trend(of: point(1), newest: 5000)
    #expect(kept == Array(outcome.trend.suffix(1440)))
    #expect(try store.reader.trend(of: point(1), newest: 2) == Array(outcome.trend.suffix(2)))
  }

  @Test("what the daemon says of itself is there with the daemon and without it; incarnations rise")
  func daemon() throws {
    let state = DaemonState(
      condition: .degraded, reasons: ["broker: refused"], broker: .init(connected: false, reason: "refused"),
      uplink: .init(connected: true, bytesToday: 7, day: 20_000))
    do {
      let store = try bench.open()
      #expect(store.incarnation == 1)
      #expect(try store.reader.daemon()?.state.condition == .starting)
      try store.commit(change { $0.daemon = state })
    }
    let record = try #require(try StoreReader(folder: bench.folder.path).daemon())
    #expect(record.state == state)
    #expect(record.gateway == "gw-1")
    #expect(record.startedAt == time(0))
    let again = try bench.open()
    #expect(again.incarnation == 2)
    #expect(
      try again.reader.daemon()?.state.uplink == .init(connected: false, bytesToday: 7, day: 20_000), "a restart is no new day")
  }

  @Test("the decisions hold from the first table: WAL kept, incremental vacuum, own application id")
  func decisions() throws {
    do { try bench.open().commit(change(points: [try fullOutcome(1)])) }
    let database = try Database(path: bench.database, mode: .readOnly)
    #expect(try database.first("PRAGMA journal_mode") { $0[0] as String } == "wal")
    #expect(try database.pragma("auto_vacuum") == 2)
    #expect(try database.pragma("application_id") == 0x5468_726D)
    #expect(
      try database.rows(
        "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite%'"
      ) { $0[0] as Int }.isEmpty)
  }
}
