import Foundation
import ModelPackages
import Signal
import TestSupport
import Testing

@Suite("Metadata folder")
struct MetadataFolderTests {
  @Test("what was written is read, replaced and removed, under names that are only names")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let store = MetadataFolder(folder.path)
    for role in ["root", "../x", "fleet", "Fleet", "a/b"] as [UTF8Text] {
      #expect(try store.read(role, maxBytes: 100) == nil)
      try store.write(role, [1, 2, 3])
      try store.write(role, [4])
      #expect(try store.read(role, maxBytes: 100) == [4])
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["%2E%2E%2Fx.json", "%46leet.json", "a%2Fb.json", "fleet.json", "root.json"])
    try store.remove("fleet")
    try store.remove("fleet")
    #expect(try store.read("fleet", maxBytes: 100) == nil)
  }

  @Test("a file longer than any of ours is none; what a cut left beside does not matter")
  func strangeFiles() throws {
    let folder = try TemporaryFolder()
    let store = MetadataFolder(folder.path)
    try folder.write("12345", to: "root.json")
    #expect(try store.read("root", maxBytes: 4) == nil)
    #expect(try store.read("root", maxBytes: 5) == Array("12345".utf8))
    try folder.write("half", to: "root.json.new")
    try store.write("root", [7])
    #expect(try store.read("root", maxBytes: 5) == [7])
  }

  @Test("a folder that is not there is an error that names it")
  func noFolder() throws {
    let store = MetadataFolder("/nonexistent/trust")
    let error = #expect(throws: TrustError.self) { try store.write("root", [1]) }
    #expect(error?.kind == .storage)
    #expect(error?.object.contains("/nonexistent/trust") == true)
  }

  @Test("a damaged root gives way to the installed one, and the way to the newest is walked again")
  func damagedRoot() throws {
    let golden = try MutationGolden.read()
    let folder = try TemporaryFolder()
    let store = MetadataFolder(folder.path)
    try folder.write("{", to: "root.json")
    let time = try #require(UnixTime(rfc3339: "2030-06-01T00:00:00Z"))
    let fetch: Updater.Fetch = { request in request.version == nil || request.version == 2 ? golden.second[request.role] : nil }
    #expect(throws: TrustError.self) {
      _ = try Updater(store: store, initialRoot: nil, time: ReferenceTime(clock: time, floor: time), fetch: fetch)
    }
    var updater = try Updater(
      store: store, initialRoot: golden.first["root"], time: ReferenceTime(clock: time, floor: time), fetch: fetch)
    try updater.refresh()
    #expect(try store.read("root", maxBytes: 10_000) == golden.second["root"])
    #expect(try store.read("targets", maxBytes: 10_000) == golden.second["targets"])
  }

  @Test("an update that finds nothing new asks for two files and gets one small one")
  func nothingNew() throws {
    let golden = try MutationGolden.read()
    let store = MemoryStore(golden.second)
    let time = try #require(UnixTime(rfc3339: "2030-06-01T00:00:00Z"))
    var asked: [String] = []
    var bytes = 0
    var updater = try Updater(store: store, initialRoot: nil, time: ReferenceTime(clock: time, floor: time)) { request in
      asked.append(request.fileName)
      let file = request.version == nil ? golden.second[request.role] : nil
      bytes += file?.count ?? 0
      return file
    }
    try updater.refresh()
    #expect(asked == ["3.root.json", "timestamp.json"])
    #expect(bytes < 1024)
    #expect(store.changes == 0)
  }
}
