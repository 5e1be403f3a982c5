import Anomaly
import Contracts
import Foundation
import SQLite
import Signal
import TestSupport
import Testing

@testable import Store

@Suite struct StoreReaderTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  @Test("a reader sees each commit while the daemon writes")
  func besideTheWriter() throws {
    let store = try bench.open()
    let reader = try StoreReader(folder: bench.folder.path)
    for count in 1...5 {
      try store.commit(change(points: [try fullOutcome(count)]))
      #expect(try reader.points().count == count)
    }
  }

  @Test("a store killed in the middle of its work is read at once, and opened again with all it had committed", arguments: 1...3)
  func killed(round: Int) async throws {
    let folder = bench.folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String, round = round as Int] in
      let store = try openStore(in: folder)
      for number in 1... {
        try store.commit(change(points: [try fullOutcome(1, frame: number)]))
        if number == 100 * round { Thread { kill(getpid(), SIGKILL) }.start() }
      }
    }
    let read = try StoreReader(folder: folder)
    #expect(read.daemonPID == nil)
    let record = try #require(try read.points().first)
    #expect(record.ledger.balances)
    #expect(record.ledger.received >= 400 * round)
    #expect(try read.numbering()?.unsentEvents == UInt64(record.ledger.received / 4))
    let store = try bench.open()
    #expect(try store.reader.points() == [record])
    let judge = try Database(path: bench.database, mode: .readOnly)
    #expect(try judge.first("PRAGMA integrity_check") { $0[0] as String } == "ok")
    try store.commit(change(points: [try fullOutcome(1)]))
  }

  @Test(
    "a folder that may not be written to is read, without the log's index too, and nothing is left behind",
    arguments: [true, false])
  func readOnlyFolder(hasIndex: Bool) async throws {
    let folder = bench.folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
      let store = try openStore(in: folder)
      try store.commit(change(points: [try fullOutcome(1)]))
      kill(getpid(), SIGKILL)
    }
    if !hasIndex { unlink(bench.database + "-shm") }
    for file in ["", "-wal", "-shm"] { chmod(bench.database + file, 0o444) }
    chmod(folder, 0o555)
    defer { chmod(folder, 0o755) }
    let scratch = try TemporaryFolder()
    chmod(scratch.path, 0o777)
    let copies = hasIndex ? 0 : 1
    await #expect(processExitsWith: .success) {
      [folder = folder as String, scratch = scratch.path as String, copies = copies as Int] in
      setenv("TMPDIR", scratch, 1)
      if getuid() == 0 { #expect(setuid(65534) == 0) }
      func here() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: scratch).count }
      do {
        let reader = try StoreReader(folder: folder)
        #expect(try reader.points().map(\.point) == [point(1)])
        #expect(try here() == copies)
      }
      #expect(try here() == 0)
    }
  }

  @Test("what monitoring asks for at each look is found by its index, however many events there are")
  func newestLearning() throws {
    _ = try bench.open()
    let plan = try Database(path: bench.database, mode: .readOnly).rows("EXPLAIN QUERY PLAN " + StoreReader.newestLearningQuery) {
      $0[3] as String
    }
    #expect(plan.count == 1 && plan[0].contains("event_of_learning"), "\(plan)")
  }

  @Test("a newer schema, a foreign database and a damaged header are refused and left as they are")
  func refused() async throws {
    do { _ = try bench.open() }
    // Killed, so that the newer version stands in the log alone, which must stay where it is.
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = bench.database as String] in
      let newer = try Database(path: path, mode: .readWriteCreate)
      try newer.execute("PRAGMA user_version = 99")
      kill(getpid(), SIGKILL)
    }
    try expectRefusal(.newerSchema, "database is from a newer version: schema 99, this Thrum knows \(Schema.version)")

    try remove()
    try Database(path: bench.database, mode: .readWriteCreate).execute("CREATE TABLE theirs (a)")
    try expectRefusal(.foreign, "not a Thrum database")

    try remove()
    try Data(repeating: 0x55, count: 8192).write(to: URL(fileURLWithPath: bench.database))
    try expectRefusal(.corrupt, "file is not a database")
  }

  private func remove() throws {
    for file in ["", "-wal", "-shm", ".pages"] { unlink(bench.database + file) }
  }

  private func bytes() throws -> [Data] {
    try ["", "-wal"].filter { access(bench.database + $0, F_OK) == 0 }.map {
      try Data(contentsOf: URL(fileURLWithPath: bench.database + $0))
    }
  }

  private func expectRefusal(_ kind: StoreError.Kind, _ reason: String) throws {
    let before = try bytes()
    let errors = [
      #expect(throws: StoreError.self) { try bench.open() },
      #expect(throws: StoreError.self) { try StoreReader(folder: bench.folder.path) },
    ]
    for error in errors {
      #expect(error?.kind == kind)
      #expect(error?.reason == reason)
      #expect(error?.remedy != nil)
    }
    #expect(try bytes() == before)
  }

  @Test("without a store the reader says so")
  func missing() throws {
    let error = #expect(throws: StoreError.self) { try StoreReader(folder: bench.folder.path) }
    #expect(error?.description.contains("open \(bench.database): ") == true)
    #expect(access(bench.database, F_OK) != 0)
  }
}
