import Contracts
import Foundation
import SQLite
import TestSupport
import Testing

@testable import Store

/// Starts on a disk that has no room, and what then lies beside the store.
@Suite(.enabled(if: SmallDisk.isAvailable, "needs root for a small disk")) struct FullDiskTests {
  private func settings(_ maxBytes: Int) -> StoreSettings {
    var settings = StoreSettings(
      origin: EventOrigin(fleet: "demo", gateway: "gw-1"), version: "0.1.0", startedAt: time(0), binding: [1])
    settings.maxBytes = maxBytes
    return settings
  }

  private func file(_ name: String, megabytes: Int) throws {
    try Data(count: megabytes << 20).write(to: URL(filePath: name))
  }

  @Test("a first start without a free byte may be tried again: who has the folder and why it waits can be asked, then it opens")
  func firstStart() throws {
    let disk = try SmallDisk(megabytes: 12)
    defer { withExtendedLifetime(disk) {} }
    disk.fill()
    let folder = disk.path + "/state"
    let opening = StoreOpening(folder: folder)
    for _ in 1...3 {
      #expect(throws: StoreError.self) { try opening.attempt(settings(8 << 20)) }
      #expect(opening.waiting == .diskFull && !opening.hasMoreRoom)
      #expect(StoreReader.waiting(folder: folder) == .diskFull)
      #expect(StoreReader.daemonPID(folder: folder) == getpid())
    }
    disk.free()
    #expect(opening.hasMoreRoom)
    let store = try opening.attempt(settings(8 << 20))
    #expect(opening.waiting == nil && StoreReader.waiting(folder: folder) == nil)
    try store.commit(try change(points: [fullOutcome(1)]))
  }

  @Test("a start on a disk that has no file left waits for one as it waits for bytes")
  func noFileLeft() throws {
    let disk = try SmallDisk(megabytes: 12, files: 8)
    defer { withExtendedLifetime(disk) {} }
    let others = (0..<8).map { "\(disk.path)/other-\($0)" }.filter { FileManager.default.createFile(atPath: $0, contents: nil) }
    let opening = StoreOpening(folder: disk.path)
    #expect(throws: StoreError.self) { try opening.attempt(settings(8 << 20)) }
    #expect(opening.waiting == .diskFull && !opening.hasMoreRoom)
    for other in others { unlink(other) }
    #expect(opening.hasMoreRoom)
    _ = try opening.attempt(settings(8 << 20))
  }

  @Test("a store that needs no room opens on a full disk")
  func nothingNeeded() throws {
    let disk = try SmallDisk(megabytes: 12)
    defer { withExtendedLifetime(disk) {} }
    do { try openStore(in: disk.path) { $0.maxBytes = 8 << 20 }.commit(try change(points: [fullOutcome(1)])) }
    disk.fill()
    let store = try openStore(in: disk.path) { $0.maxBytes = 8 << 20 }
    try store.commit(try change(points: [fullOutcome(2)]))
    #expect(disk.freeBytes == 0)
  }

  @Test("what was set aside gives way to the store, the oldest first, and each is told; the newest last, and not at once")
  func givesWay() throws {
    let disk = try SmallDisk(megabytes: 16)
    defer { withExtendedLifetime(disk) {} }
    let path = disk.path + "/thrum.db"
    for number in 1...2 { try file("\(path).aside-\(number)", megabytes: 5) }
    disk.fill()
    let store = try openStore(in: disk.path) { $0.maxBytes = 8 << 20 }
    #expect(Replacement.setAside(path) == ["\(path).aside-2"])
    let incidents = try store.reader.incidents()
    #expect(incidents.map(\.kind) == ["aside_deleted"] && incidents[0].report.contains("aside-1"))

    let other = disk.path + "/other"
    disk.fill()
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
    rename("\(path).aside-2", "\(other)/thrum.db.aside-2")
    #expect(throws: StoreError.self) { try StoreOpening(folder: other).attempt(settings(4 << 20)) }
    #expect(Replacement.setAside(other + "/thrum.db").count == 1)
    let patient = StoreOpening(folder: other, SetAside(other + "/thrum.db", patienceSeconds: 0))
    #expect(try patient.attempt(settings(4 << 20)).opening.incidents.map(\.kind) == ["aside_deleted"])
    #expect(Replacement.setAside(other + "/thrum.db").isEmpty)
  }

  @Test("a running store on a full disk gives up what was set aside before it refuses, and says so")
  func commits() throws {
    let disk = try SmallDisk(megabytes: 24)
    defer { withExtendedLifetime(disk) {} }
    let path = disk.path + "/thrum.db"
    let store = try openStore(in: disk.path) { $0.maxBytes = 16 << 20 }
    for number in 1...2 { try file("\(path).aside-\(number)", megabytes: 6) }
    disk.fill()
    try commitMuch(to: store, megabytes: 4)
    #expect(Replacement.setAside(path) == ["\(path).aside-2"])
    #expect(try store.reader.incidents().map(\.kind) == ["aside_deleted"])
  }

  private func commitMuch(to store: Store, megabytes: Int) throws {
    for number in 0..<megabytes * 8 {
      let words = "n\(number) " + String(repeating: "x", count: 120_000)
      try store.commit(change { $0.occurrences = [fault(subject: words)] })
    }
  }

  @Test("a salvage that finds no room leaves nothing behind, and takes place when there is some")
  func salvageWithoutRoom() throws {
    let disk = try SmallDisk(megabytes: 40)
    defer { withExtendedLifetime(disk) {} }
    let path = disk.path + "/thrum.db"
    do { try commitMuch(to: try openStore(in: disk.path) { $0.maxBytes = 24 << 20 }, megabytes: 12) }
    Store.raiseSuspicion(in: disk.path, "read by a test")
    disk.fill(leaving: 3 << 20)
    let opening = StoreOpening(folder: disk.path)
    for _ in 1...2 {
      #expect(throws: StoreError.self) { try opening.attempt(settings(24 << 20)) }
      #expect(opening.waiting == .diskFull)
      #expect(disk.freeBytes >= 3 << 20)
    }
    #expect(!FileManager.default.fileExists(atPath: path + ".draft") && !FileManager.default.fileExists(atPath: path + ".image"))
    disk.free()
    #expect(try opening.attempt(settings(24 << 20)).opening.salvage?.isComplete == true)
  }

  @Test("a store and what a salvage set aside of it fill a disk: the store opens all the same, and its bytes keep to their bound")
  func salvageFillsDisk() throws {
    let disk = try SmallDisk(megabytes: 28)
    defer { withExtendedLifetime(disk) {} }
    let path = disk.path + "/thrum.db"
    do { try commitMuch(to: try openStore(in: disk.path) { $0.maxBytes = 16 << 20 }, megabytes: 10) }
    // Others have what is left: the copy fits, the new log does not.
    disk.fill(leaving: try Data(contentsOf: URL(filePath: path)).count + (2 << 20))
    Store.raiseSuspicion(in: disk.path, "read by a test")
    let opening = StoreOpening(folder: disk.path, SetAside(path, patienceSeconds: 0))
    let store = try opening.attempt(settings(16 << 20))
    let incidents = try store.reader.incidents()
    #expect(incidents.map(\.kind).sorted() == ["aside_deleted", "salvaged"], "\(incidents) \(disk.freeBytes)")
    #expect(store.reader.use.bytes <= 16 << 20)
    try store.commit(try change(points: [fullOutcome(1)]))
  }

  @Test("damage that is seen while the disk is full is not forgotten")
  func suspicion() throws {
    let disk = try SmallDisk(megabytes: 24)
    defer { withExtendedLifetime(disk) {} }
    do { try openStore(in: disk.path) { $0.maxBytes = 4 << 20 }.commit(try change(points: [fullOutcome(1)])) }
    disk.fill()
    Store.raiseSuspicion(in: disk.path, "read by a test")
    disk.free()
    #expect(try openStore(in: disk.path) { $0.maxBytes = 4 << 20 }.opening.salvage != nil)
  }

  @Test("a disk that is smaller than max_bytes is not filled up by taking all of it at once")
  func preallocation() throws {
    let disk = try SmallDisk(megabytes: 32)
    defer { withExtendedLifetime(disk) {} }
    for _ in 1...2 {
      let store = try openStore(in: disk.path) {
        $0.maxBytes = 64 << 20
        $0.preallocate = true
      }
      try store.commit(try change(points: [fullOutcome(1)]))
      #expect(disk.freeBytes > 1 << 20)
    }
  }
}

/// What was left behind by a process that was killed.
@Suite struct LeftoversTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  @Test("drafts of a salvage, a copy, a mark go at the next start, used for anything or not")
  func cleared() throws {
    do { _ = try bench.open() }
    let kept = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path).sorted()
    let names = [
      "thrum.db.draft", "thrum.db.draft-journal", "thrum.db.pages.draft", "thrum.db.suspect.draft", "thrum.db.schema-1.draft",
      "thrum.db.schema-1.draft-journal",
    ]
    for name in names { try bench.folder.write("left", to: name) }
    try FileManager.default.createDirectory(atPath: bench.folder.path("thrum.db.image"), withIntermediateDirectories: false)
    for name in ["image.db", "image.db-wal"] { try bench.folder.write("left", to: "thrum.db.image/" + name) }
    try bench.folder.write("mine", to: "thrum.db.note")
    do { _ = try bench.open() }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: bench.folder.path).sorted() == (kept + ["thrum.db.note"]).sorted())
  }

  @Test("one copy of an older store is kept, the one before goes when the tables change again")
  func copies() throws {
    let path = bench.database
    do { _ = try bench.open() }
    for version in [1, 2] { try bench.folder.write("copy", to: "thrum.db.schema-\(version)") }
    var report = OpeningReport()
    try Migration.keepCopy(path, of: Schema.version - 1, &report)
    #expect(Migration.copies(path) == ["\(path).schema-\(Schema.version - 1)"])
  }
}
