import Anomaly
import Contracts
import Foundation
import SQLite
import Signal
import Store
import TestSupport
import Testing

@Suite("Eviction") struct EvictionTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func open(days: Int = 90) throws -> Store {
    try bench.open {
      $0.maxBytes = 4 << 20
      $0.maxAgeDays = days
    }
  }

  private func big(_ number: Int, _ kind: String = "x") -> Occurrence {
    let words = String(repeating: "\(kind)\(number) ", count: 1000)
    return Occurrence(
      arrival: 0, time: time(Int64(number)), subject: "s", kind: .sensorFault(SensorReport(reason: String(words.prefix(4000)))))
  }

  private func commit(_ numbers: Range<Int>, to store: Store) throws {
    for number in numbers { try store.commit(change { $0.occurrences = [big(number)] }) }
  }

  private func deliver(_ through: UInt64, of store: Store) throws {
    let epoch = try #require(try store.reader.numbering()?.epoch)
    let hash = try #require(try store.reader.hash(of: .event, at: through))
    try store.commit(change { $0.positions = [LanePosition(lane: .event, epoch: epoch, through: through, hash: hash)] })
  }

  @Test("a full store goes on: the oldest unsent events become one gap, each counted, and the chain goes on from its hash")
  func full() throws {
    let store = try open()
    try commit(0..<1500, to: store)
    let numbering = try #require(try store.reader.numbering())
    #expect(numbering.lanes.first { $0.lane == .event }?.last == 1500)
    let items = try store.reader.items(of: .event, beyond: 0, bytes: .max)
    let gap = try #require(GapLine(items[0].bytes))
    #expect(gap.from == 1 && gap.count == Int(gap.to) && gap.reason == "evicted")
    #expect(items.dropFirst().map(\.sequence) == Array(gap.to + 1...1500))
    var hash = gap.hash
    for item in items.dropFirst() {
      hash = hash.appending(item.bytes)
      #expect(item.hash == hash)
    }
    let evictions = try store.reader.evictions()
    #expect(evictions.map(\.what) == ["evicted events"])
    #expect(evictions[0].rows == gap.count)
    #expect(evictions[0].from == time(0) && evictions[0].to == time(Int64(gap.to) - 1))
    #expect(store.reader.use.bytes <= 4 << 20)
  }

  @Test("what the plane has goes before what it has not, trends before events, and an open alarm's events never go")
  func worth() throws {
    let store = try open()
    try store.commit(
      change {
        $0.occurrences = [Occurrence(arrival: 0, time: time(1), subject: "pump-1", kind: .alarmRaised(AlarmReport(try alarm(1))))]
      })
    var outcome = PointOutcome(point: point(1), state: PointState())
    outcome.alarms = [try alarm(1)]
    outcome.trend = (0..<3000).map {
      TrendRow(time: time(Int64($0)), velocityRMS: 1, rms: 0, kurtosis: 3, probability: nil, verdict: .normal)
    }
    try store.commit(change(points: [outcome]))
    try commit(0..<300, to: store)
    try deliver(200, of: store)
    try commit(300..<700, to: store)
    let evicted = Dictionary(uniqueKeysWithValues: try store.reader.evictions().map { ($0.what, $0.rows) })
    #expect(evicted["trends"] == 1560)
    #expect(evicted["delivered events"] == 200)
    #expect(try store.reader.items(of: .alarm, beyond: 0, bytes: .max).count == 1)
    try commit(700..<3000, to: store)
    #expect(try store.reader.items(of: .alarm, beyond: 0, bytes: .max).count == 1)
    #expect(try store.reader.alarm("pump-1#1") != nil)
    #expect(try store.reader.trend(of: point(1), newest: 5000).count == 60)
  }

  @Test("sent events older than max_age_days go, unsent ones stay")
  func aged() throws {
    let store = try open(days: 1)
    try commit(0..<50, to: store)
    try deliver(30, of: store)
    try store.commit(
      change {
        $0.occurrences = [
          Occurrence(arrival: 0, time: time(86_400 + 40), subject: "", kind: .sensorFault(SensorReport(reason: "new")))
        ]
      })
    let items = try store.reader.items(of: .event, beyond: 0, bytes: .max)
    #expect(GapLine(items[0].bytes).map { [$0.from, $0.to] } == [1, 30])
    #expect(items.dropFirst().map(\.sequence) == Array(31...51))
  }

  @Test("a plane that stands within a gap is taken at its word, and gets the rest of the gap")
  func within() throws {
    let store = try open(days: 1)
    try commit(0..<50, to: store)
    let word = try #require(try store.reader.hash(of: .event, at: 10))
    try deliver(30, of: store)
    try store.commit(
      change {
        $0.occurrences = [
          Occurrence(arrival: 0, time: time(90_000), subject: "", kind: .sensorFault(SensorReport(reason: "new")))
        ]
      })
    #expect(try store.reader.isGivenUp(10, of: .event))
    #expect(try store.reader.hash(of: .event, at: 10) == nil)
    let epoch = try #require(try store.reader.numbering()?.epoch)
    try store.commit(change { $0.positions = [LanePosition(lane: .event, epoch: epoch, through: 10, hash: word)] })
    #expect(try store.reader.hash(of: .event, at: 10) == word)
    let gap = try #require(try store.reader.items(of: .event, beyond: 10, bytes: 1).first)
    #expect(gap.first == 11 && gap.sequence == 30)
    #expect(GapLine(gap.bytes)?.count == 20)
    // Numbered anew from within the gap, as after a restore or a salvage.
    try store.renewEpoch(reason: "test", binding: [1], at: time(95_000))
    let moved = try #require(try store.reader.items(of: .event, beyond: 0, bytes: 1).first)
    #expect(moved.first == 1 && moved.sequence == 20)
  }

  @Test("a new numbering takes unsent gaps with it")
  func renewal() throws {
    let store = try open()
    try commit(0..<1500, to: store)
    let before = try store.reader.items(of: .event, beyond: 0, bytes: .max)
    try store.renewEpoch(reason: "test", binding: [1], at: time(5000))
    let after = try store.reader.items(of: .event, beyond: 0, bytes: .max)
    #expect(after.map(\.sequence) == before.map(\.sequence))
    #expect(after.dropFirst().map(\.bytes) == before.dropFirst().map(\.bytes))
    #expect(GapLine(after[0].bytes)?.count == GapLine(before[0].bytes)?.count)
  }

  @Test(
    "a reader that stays makes the log grow no further than max_bytes; it is named; when it goes, all goes on",
    .timeLimit(.minutes(2)))
  func reader() async throws {
    let store = try bench.open {
      $0.maxBytes = 8 << 20
      $0.preallocate = true
      $0.busyTimeoutMilliseconds = 20
    }
    let script =
      "import sqlite3,sys,time;c=sqlite3.connect(sys.argv[1]);c.execute('begin');c.execute('select count(*) from point').fetchone();open(sys.argv[2],'w').close();time.sleep(600)"
    let ready = bench.folder.path("ready")
    let other = try ChildProcess(["python3", "-c", script, bench.database, ready])
    #expect(eventually { FileManager.default.fileExists(atPath: ready) })
    #expect(store.readers.map(\.pid) == [other.processID])
    let error = #expect(throws: StoreError.self) { try commit(0..<3000, to: store) }
    #expect(error?.kind == .full)
    #expect(error?.reason.contains("process \(other.processID) (python3) looks") == true)
    let log = try FileManager.default.attributesOfItem(atPath: bench.database + "-wal")[.size] as? Int ?? 0
    #expect(log <= 3 << 20)
    other.kill()
    try commit(3000..<3100, to: store)
    // Nobody needs the room that the reader had cost: beside a database that is full it would be more than max_bytes.
    #expect(try logBytes() == 2 << 20)
  }

  @Test("the log keeps its room when the store is closed")
  func closed() throws {
    do { try commit(0..<10, to: try bench.open { $0.maxBytes = 8 << 20 }) }
    #expect(try logBytes() == 2 << 20)
  }

  private func logBytes() throws -> Int {
    try FileManager.default.attributesOfItem(atPath: bench.database + "-wal")[.size] as? Int ?? 0
  }
}
