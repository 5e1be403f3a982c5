import Contracts
import Foundation
import TestSupport
import Testing

@testable import Store

/// A gateway is taken back to nothing.
@Suite struct StoreResetTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  @Test("what the daemon wrote goes, what others put there stays, and the next opening begins a store with another epoch")
  func reset() throws {
    let folder = bench.folder.path
    let before: Epoch? = try {
      let store = try bench.open()
      try store.commit(change { $0.occurrences = [fault(subject: "pump-1/drive-end")] })
      return try store.reader.numbering()?.epoch
    }()
    for name in ["page.key", "notify-scada.json", "thrum.db.1", "site.pem"] { try bench.folder.write("x", to: name) }
    try FileManager.default.createDirectory(atPath: folder + "/models/a", withIntermediateDirectories: true)
    let look = StoreReset.look(folder: folder)
    #expect(
      look.left == ["site.pem"] && look.deleted.contains("thrum.db")
        && FileManager.default.fileExists(atPath: folder + "/thrum.db"))
    #expect(try StoreReset.run(folder: folder) == look)
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder)) == ["site.pem", "thrum.lock"])
    let store = try bench.open()
    #expect(try store.reader.events(newest: 10).isEmpty && store.incarnation == 1)
    #expect(try store.reader.numbering()?.epoch != before)
  }

  @Test("a running daemon's folder is left alone")
  func inUse() throws {
    let store = try bench.open()
    #expect(throws: StoreError.self) { try StoreReset.run(folder: bench.folder.path) }
    #expect(try store.reader.numbering() != nil)
  }
}
