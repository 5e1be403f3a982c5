import Anomaly
import Contracts
import Foundation
import SQLite
import Signal
import Store
import TestSupport
import Testing

/// Bytes are changed where they lie on the disk; the store must notice, keep what can be read, count the rest, and go on.
@Suite("Salvage") struct SalvageTests {
  static let seeds: ClosedRange<UInt64> = ProcessInfo.processInfo.environment["THRUM_TESTS"] == "all" ? 1...500 : 1...24

  // MARK: the write-ahead log

  @Test("a flipped byte in the log: noticed, and at most what that page held is missing", arguments: seeds)
  func flippedLog(seed: UInt64) throws {
    let damaged = try DamagedStore(transactions: 120, seed: seed)
    let frames = try damaged.liveFrames()
    let offset = 32 + damaged.below(frames * (24 + 4096))
    try damaged.flip("-wal", at: offset)
    let store = try damaged.open()
    let found = store.opening
    #expect(found.salvage != nil || found.incidents.map(\.kind) == ["in_doubt"], "nobody noticed the byte at \(offset)")
    try damaged.expectWhole(store, losing: found.salvage == nil ? 2 : 12)
  }

  @Test("a log cut short is noticed, whatever it was cut to", arguments: [33, 4152, 20_000, 100_001, 300_000])
  func cutLog(length: Int) throws {
    let damaged = try DamagedStore(transactions: 120, seed: 5)
    truncate(damaged.path("-wal"), length)
    let store = try damaged.open()
    #expect(store.opening.incidents.map(\.kind) == ["cut_short"])
    #expect(try store.reader.events(newest: 1)[0].type == "org.thrum.store.cut_short.v1")
  }

  @Test("a log that SIGKILL left behind is sound")
  func soundLog() throws {
    let store = try DamagedStore(transactions: 50, seed: 1).open()
    #expect(store.opening == OpeningReport())
    #expect(try store.reader.items(of: .event, beyond: 0, bytes: .max).count == 50)
  }

  @Test("the last transaction torn, as a power cut leaves it, is told and costs nothing else")
  func tornTail() throws {
    let damaged = try DamagedStore(transactions: 40, seed: 2)
    let frames = try damaged.liveFrames()
    try damaged.flip("-wal", at: 32 + (frames - 1) * (24 + 4096) + 600)
    let store = try damaged.open()
    #expect(store.opening.salvage == nil)
    #expect(store.opening.incidents.map(\.kind) == ["in_doubt"])
    #expect(try store.reader.items(of: .event, beyond: 0, bytes: .max).count == 40)  // 39, and what tells of it
  }

  // MARK: the database

  @Test("one bad page: noticed, 99 % of the rows or more are kept, events that are gone are numbered", arguments: seeds)
  func badPage(seed: UInt64) throws {
    let damaged = try DamagedStore(transactions: 400, seed: seed, isMoved: true)
    let page = 1 + damaged.below(try damaged.pages() - 1)
    try damaged.overwrite(page: page)
    let store = try damaged.open()
    guard let salvage = store.opening.salvage else { return try damaged.expectUntouched(store) }
    #expect(salvage.keptRows > 0)
    try damaged.expectWhole(store, losing: 60)
    #expect(access(salvage.setAside, F_OK) == 0)
  }

  @Test("the first page gone: everything is read with the copy that lies beside the database")
  func firstPage() throws {
    let damaged = try DamagedStore(transactions: 200, seed: 3, isMoved: true)
    try damaged.overwrite(page: 0)
    let store = try damaged.open()
    let salvage = try #require(store.opening.salvage)
    #expect(salvage.isComplete)
    try damaged.expectWhole(store, losing: 0)
  }

  @Test(
    "whoever reads a damaged store is told that thrumd salvages it, not that it is none",
    arguments: ["header", "application id", "emptied"])
  func readersAreTold(damage: String) throws {
    let damaged = try DamagedStore(transactions: 200, seed: 3, isMoved: damage != "emptied")
    switch damage {
    case "header": for offset in 0..<100 { try damaged.flip("", at: offset) }
    case "application id": try damaged.flip("", at: 68)
    default: truncate(damaged.path(""), 0)
    }
    let error = #expect(throws: StoreError.self) { try StoreReader(folder: damaged.folder.path) }
    #expect(
      error?.kind == .corrupt && error?.remedy?.contains("start thrumd: it salvages") == true, "\(error.map { "\($0)" } ?? "")")
    #expect(error?.description.contains("set it aside") == false)
    let store = try damaged.open()
    let salvage = try #require(store.opening.salvage, "and it does")
    #expect(salvage.keptRows > 0)
    #expect(access(salvage.setAside, F_OK) == 0)
    // What had been moved into the file is gone with it; its log was read before SQLite could throw it away.
    try damaged.expectWhole(store, losing: damage == "emptied" ? 120 : 0)
  }

  @Test("a database that is gone, though one stood here, is not called one that never was")
  func goneIsTold() throws {
    let damaged = try DamagedStore(transactions: 50, seed: 5, isMoved: true)
    unlink(damaged.path(""))
    let error = #expect(throws: StoreError.self) { try StoreReader(folder: damaged.folder.path) }
    #expect(error?.reason.contains("gone") == true && error?.remedy?.contains("put it back") == true)
    unlink(damaged.path(".pages"))
    let never = #expect(throws: StoreError.self) { try StoreReader(folder: damaged.folder.path) }
    #expect(never?.reason.contains("has not run here yet") == true)
  }

  @Test(
    "an emptied database of which nothing is left is told, with all that is known to be gone; another's database is left alone")
  func emptied() throws {
    let damaged = try DamagedStore(transactions: 50, seed: 5, isMoved: true)
    truncate(damaged.path(""), 0)
    let salvage = try #require(try damaged.open().opening.salvage)
    #expect(salvage.cause == "the database was emptied" && !salvage.isComplete, "\(salvage.words)")
    #expect(salvage.words.contains("whatever its log did not hold"), "\(salvage.words)")
    let other = try DamagedStore(transactions: 50, seed: 5, isMoved: true)
    unlink(other.path(""))
    try Database(path: other.path(""), mode: .readWriteCreate).execute("CREATE TABLE a (b)")
    #expect(#expect(throws: StoreError.self) { try StoreReader(folder: other.folder.path) }?.kind == .foreign)
    #expect(#expect(throws: StoreError.self) { try other.open() }?.kind == .foreign)
  }

  @Test("an event whose bytes changed is not sent as good: it is counted, and the plane gets a new numbering")
  func flippedEvent() throws {
    let damaged = try DamagedStore(transactions: 50, seed: 4, isMoved: true)
    try damaged.replaceInDatabase(#""reason":"stuck-17""#, with: #""reason":"stuck-71""#)
    Store.raiseSuspicion(in: damaged.folder.path, "read by a test")
    let store = try damaged.open()
    let salvage = try #require(store.opening.salvage)
    #expect(salvage.cause == "read by a test")
    #expect(salvage.lostEvents == ["event": 1])
    #expect(salvage.lostFrom != nil && salvage.lostTo != nil)
    let items = try store.reader.items(of: .event, beyond: 0, bytes: .max)
    #expect(items.count == 50)
    #expect(!items.contains { String(decoding: $0.bytes, as: UTF8.self).contains("stuck-71") })
    let told = try JSON.decode(CloudEvent.self, from: try #require(items.last).bytes)
    #expect(told.type == "org.thrum.store.salvaged.v1")
    #expect(try store.reader.numbering()?.parent == damaged.epoch)
  }

  @Test(
    "an alarm whose explanation or members cannot be read stays without them, counted; the store is not damaged for good",
    arguments: ["explanation", "members"])
  func unreadableAlarm(column: String) throws {
    let folder = try TemporaryFolder()
    do { try openStore(in: folder.path).commit(change(points: [try fullOutcome(1)])) }
    do {
      let database = try Database(path: folder.path + "/thrum.db", mode: .readWriteCreate)
      try database.run("UPDATE alarm SET \(column) = replace(\(column), '\"', '#')")
    }
    Store.raiseSuspicion(in: folder.path, "read by a test")
    let store = try openStore(in: folder.path)
    #expect(store.opening.salvage?.lostRows == ["alarm": 1])
    let kept = try #require(try store.reader.alarms(newest: 9).first)
    #expect(kept.id == "pump-1#1" && kept.explanation.words == (column == "members" ? "High" : Explanation.lost.words))
    #expect(kept.members.isEmpty == (column == "members"))
  }

  @Test("a salvage that is cut short begins again; one that is complete is ended", arguments: ["draft", "next"])
  func cut(at stage: String) throws {
    let damaged = try DamagedStore(transactions: 50, seed: 6, isMoved: true)
    try damaged.flip("", at: 100)
    if stage == "draft" {
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: damaged.path(".draft")))
    } else {
      // As after the database was renamed and before its place was taken.
      let copy = try DamagedStore(transactions: 50, seed: 6, isMoved: true)
      try FileManager.default.copyItem(atPath: copy.path(""), toPath: damaged.path(".next"))
      rename(damaged.path(""), damaged.path(".aside-1"))
    }
    let store = try damaged.open()
    #expect(try store.reader.points().first?.ledger.balances == true)
    #expect(access(damaged.path(".aside-1"), F_OK) == 0)
    #expect(access(damaged.path(".aside-2"), F_OK) != 0)
    for name in [".draft", ".next"] { #expect(access(damaged.path(name), F_OK) != 0) }
  }

  @Test("a second salvage does not touch what the first set aside")
  func twice() throws {
    let damaged = try DamagedStore(transactions: 50, seed: 7, isMoved: true)
    for number in 1...2 {
      Store.raiseSuspicion(in: damaged.folder.path, "number \(number)")
      #expect(try damaged.open().opening.salvage?.setAside == damaged.path(".aside-\(number)"))
    }
  }

  @Test("a power cut while the file was made leaves a rollback journal: the next start takes it back and begins again")
  func cutFirstStart() throws {
    let (alive, cut) = (try TemporaryFolder(), try TemporaryFolder())
    let database = try Database(path: alive.path("thrum.db"), mode: .readWriteCreate)
    // With room for one page in memory the open transaction's pages go to the file, and what they replace to the journal.
    try database.execute(
      "PRAGMA cache_size = 1; CREATE TABLE a (b); BEGIN; CREATE TABLE c (d); INSERT INTO c VALUES (zeroblob(200000))")
    try database.execute("INSERT INTO a VALUES (zeroblob(200000))")
    for suffix in ["", "-journal"] {
      try FileManager.default.copyItem(atPath: alive.path("thrum.db" + suffix), toPath: cut.path("thrum.db" + suffix))
    }
    let error = #expect(throws: StoreError.self) { try openStore(in: cut.path) }
    #expect(error?.kind == .foreign, "taken back, and then seen to be somebody else's")
    let judge = try Database(path: cut.path("thrum.db"), mode: .readOnly)
    #expect(try judge.first("SELECT count(*) FROM sqlite_schema") { $0[0] as Int } == 1)
  }
}
