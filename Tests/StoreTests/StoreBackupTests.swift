import Anomaly
import Contracts
import Foundation
import SQLite
import Signal
import Store
import TestSupport
import Testing

@Suite("Backup and restore") struct StoreBackupTests {
  let bench: Bench
  init() throws { bench = try Bench() }
  private var copy: String { bench.folder.path("copy.db") }

  private func commit(_ numbers: Range<Int>, to store: Store) throws {
    for number in numbers { try store.commit(change { $0.occurrences = [fault(subject: "s\(number)")] }) }
  }

  @Test("a copy made beside the daemon holds everything of its moment; restored it goes on under a new numbering and says so")
  func roundTrip() throws {
    var epoch: Epoch?
    do {
      let store = try bench.open()
      try store.commit(change(points: [try fullOutcome(1)]))
      try commit(0..<5, to: store)
      try StoreBackup.write(folder: bench.folder.path, to: copy)
      try commit(5..<9, to: store)
      epoch = try store.reader.numbering()?.epoch
      let error = #expect(throws: StoreError.self) { try StoreRestore.run(folder: bench.folder.path, from: copy) }
      #expect(error?.description.contains("keeps this store") == true, "not while a daemon has it")
    }
    #expect(try StoreRestore.run(folder: bench.folder.path, from: copy) == bench.database + ".aside-1")
    let store = try bench.open()
    let numbering = try #require(try store.reader.numbering())
    #expect(numbering.parent == epoch)
    let items = try store.reader.items(of: .event, beyond: 0, bytes: .max)
    #expect(items.count == 7, "one of the point, five, and what tells of the restore")
    let last = try JSON.decode(CloudEvent.self, from: try #require(items.last).bytes)
    #expect(last.type == "org.thrum.store.restored.v1")
    #expect(last.id == "gw-1:\(numbering.epoch):event:7")
    #expect(try store.reader.points().map(\.point) == [point(1)])
    #expect(try store.reader.incidents().map(\.kind) == ["restored"])
    let former = try Database(path: bench.database + ".aside-1", mode: .readOnly)
    let kept = try former.first("SELECT count(*) FROM event") { $0[0] as Int }
    #expect(kept == 10)
  }

  @Test("what is no good copy is refused and the store stays", arguments: ["missing", "damaged", "foreign"])
  func refused(kind: String) throws {
    do {
      let store = try bench.open()
      try commit(0..<50, to: store)
      try StoreBackup.write(folder: bench.folder.path, to: copy)
    }
    switch kind {
    case "missing": unlink(copy)
    case "damaged":
      var bytes = try Data(contentsOf: URL(fileURLWithPath: copy))
      bytes.replaceSubrange(8192..<20_480, with: Data(repeating: 0x5A, count: 12_288))
      try bytes.write(to: URL(fileURLWithPath: copy))
    default:
      unlink(copy)
      try Database(path: copy, mode: .readWriteCreate).execute("CREATE TABLE theirs (a)")
    }
    let error = #expect(throws: StoreError.self) { try StoreRestore.run(folder: bench.folder.path, from: copy) }
    #expect(error?.remedy != nil)
    let items = try bench.open().reader.items(of: .event, beyond: 0, bytes: .max)
    #expect(items.count == 50)
  }

  @Test("a copy that cannot be written leaves the one that was there")
  func unwritten() throws {
    let store = try bench.open()
    try commit(0..<3, to: store)
    try bench.folder.write("the old one", to: "copy.db")
    mkdir(copy + ".draft", 0o700)
    #expect(throws: StoreError.self) { try StoreBackup.write(folder: bench.folder.path, to: copy) }
    let text = try contents(ofFile: copy)
    #expect(text == "the old one")
  }

  @Test("before its tables are changed an older store is copied; its events stay")
  func migration() throws {
    let database = try Database(path: bench.database, mode: .readWriteCreate)
    try database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _ = try database.first("PRAGMA journal_mode = WAL") { $0[0] as String }
    try database.execute(Schema1.tables)
    let early = try StoreReader(folder: bench.folder.path)
    #expect(try early.evictions().isEmpty && early.incidents().isEmpty && early.written(days: 9).isEmpty)
    let store = try bench.open()
    #expect(store.opening.notes.count == 1)
    #expect(try store.reader.points().isEmpty)
    let copied = try Database(path: bench.database + ".schema-1", mode: .readOnly)
    #expect(try copied.pragma("user_version") == 1)
  }
}

/// The store as schema 1 made it.
private enum Schema1 {
  static let tables: String = {
    let source = (try? contents(ofFile: repositoryRoot + "/Sources/Store/Schema.swift")) ?? ""
    let first = source.components(separatedBy: "private static let migrations").last?.components(separatedBy: "\"\"\"")[1] ?? ""
    return first + "; PRAGMA user_version = 1; PRAGMA application_id = \(0x5468_726D)"
  }()
}
