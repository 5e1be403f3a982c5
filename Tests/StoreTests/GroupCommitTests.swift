import Anomaly
import Contracts
import Foundation
import SQLite
import Store
import Synchronization
import TestSupport
import Testing

@Suite struct GroupCommitTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  /// Runs `body` on that many threads and waits for all.
  private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for number in 0..<count {
      group.enter()
      Thread {
        body(number); group.leave()
      }.start()
    }
    group.wait()
  }

  /// Transactions in the write-ahead log: frames whose header names the database's size (sqlite.org/fileformat2.html, "The WAL").
  private func transactions() throws -> Int {
    let log = [UInt8](try Data(contentsOf: URL(fileURLWithPath: bench.database + "-wal")))
    let salt = log[16..<24]
    return stride(from: 32, to: log.count - 23, by: 24 + 4096).count {
      log[$0 + 8..<$0 + 16] == salt && log[$0 + 4..<$0 + 8] != [0, 0, 0, 0]
    }
  }

  @Test("callers share transactions, and each returns only when its own data can be read")
  func groups() throws {
    let store = try bench.open()
    let before = try transactions()
    let unseen = Atomic<Int>(0)
    let failed = Atomic<Int>(0)
    onThreads(8) { thread in
      for number in 1...10 {
        do {
          var outcome = PointOutcome(point: point(thread), state: PointState())
          outcome.ledger.received = 1
          outcome.ledger.analysed = 1
          try store.commit(change(points: [outcome]))
          let received = try store.reader.points().first { $0.point == point(thread) }?.ledger.received
          if received != number { unseen.add(1, ordering: .relaxed) }
        } catch { failed.add(1, ordering: .relaxed) }
      }
    }
    #expect(failed.load(ordering: .relaxed) == 0)
    #expect(unseen.load(ordering: .relaxed) == 0)
    let used = try transactions() - before
    #expect(used > 0)
    #expect(used < 80, "80 changes took \(used) transactions")
  }

  @Test("while another connection holds the write lock a commit fails as busy; then the same change goes in once")
  func busy() throws {
    let store = try bench.open { $0.busyTimeoutMilliseconds = 20 }
    let other = try Database(path: bench.database, mode: .readWriteCreate)
    let wanted = change(points: [try fullOutcome(1)])
    try other.execute("BEGIN IMMEDIATE")
    for _ in 0..<2 {
      let error = #expect(throws: StoreError.self) { try store.commit(wanted) }
      #expect(error?.kind == .busy)
    }
    #expect(try store.reader.points().isEmpty)
    try other.execute("COMMIT")
    try store.commit(wanted)
    #expect(try store.reader.points().map(\.ledger) == wanted.points.map(\.ledger))
    #expect(try store.reader.items(of: .event, beyond: 0, bytes: .max).map(\.sequence) == [1])
    #expect(try store.reader.trend(of: point(1), newest: 10).count == 1)
  }

  @Test("a commit waits for the lock as long as it may")
  func waits() throws {
    let store = try bench.open { $0.busyTimeoutMilliseconds = 60_000 }
    let other = try Database(path: bench.database, mode: .readWriteCreate)
    try other.execute("BEGIN IMMEDIATE")
    let wanted = change(points: [try fullOutcome(1)])
    let returned = Atomic<Bool>(false)
    Thread {
      try? store.commit(wanted)
      returned.store(true, ordering: .releasing)
    }.start()
    #expect(!eventually(within: 0.2) { returned.load(ordering: .acquiring) })
    try other.execute("COMMIT")
    #expect(eventually { returned.load(ordering: .acquiring) })
    #expect(try store.reader.points().count == 1)
  }

  @Test("one change that fails takes all of its group with it, and nothing stays")
  func failure() throws {
    let store = try bench.open()
    try store.commit(change(points: [try fullOutcome(1)]))
    let before = try store.reader.numbering()
    let other = try Database(path: bench.database, mode: .readWriteCreate)
    try other.execute(
      "CREATE TRIGGER refuse BEFORE INSERT ON alarm WHEN new.id = 'pump-3#1' BEGIN SELECT raise(ABORT, 'refused'); END")
    let wanted = change(points: [try fullOutcome(2), try fullOutcome(3)])
    let error = #expect(throws: StoreError.self) { try store.commit(wanted) }
    #expect(error?.reason == "refused")
    #expect(try store.reader.points().map(\.point) == [point(1)])
    #expect(try store.reader.numbering() == before)
    try other.execute("DROP TRIGGER refuse")
    try store.commit(wanted)
    #expect(try store.reader.points().map(\.point) == [point(1), point(2), point(3)])
    #expect(try store.reader.items(of: .event, beyond: 0, bytes: .max).map(\.sequence) == [1, 2, 3])
  }

  @Test(
    "when store.max_bytes is used up a commit says so and leaves nothing; smaller changes still go in", arguments: [false, true])
  func full(preallocated: Bool) throws {
    let store = try bench.open {
      $0.maxBytes = 8 << 20
      $0.preallocate = preallocated
    }
    let model = StoredModel(point: point(1), version: "v", bytes: Array(repeating: 7, count: 300_000))
    var kept = 0
    let error = #expect(throws: StoreError.self) {
      for number in 0..<100 {
        try store.commit(change { $0.models = [StoredModel(point: point(number), version: "v", bytes: model.bytes)] })
        kept += 1
      }
    }
    #expect(error?.kind == .full)
    #expect(error?.reason == "store.max_bytes is used up")
    #expect(kept >= 4)
    #expect(try store.reader.points().count == kept)
    #expect(store.reader.use.bytes <= 8 << 20)
    try store.commit(change { $0.unassigned.received = 1 })
    #expect(try store.reader.unassigned().received == 1)
  }

  @Test("preallocated room is taken from the disk at once and stays taken")
  func preallocation() throws {
    for _ in 0..<2 {
      let use = try bench.open {
        $0.maxBytes = 8 << 20
        $0.preallocate = true
      }.reader.use.bytes
      #expect(use > 7 << 20)
      #expect(use <= 8 << 20)
    }
    try bench.open().commit(change(points: [try fullOutcome(1)]))
    #expect(try StoreReader(folder: bench.folder.path).use.bytes > 7 << 20)
  }
}
