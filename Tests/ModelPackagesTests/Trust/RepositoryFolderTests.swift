import Foundation
import ModelPackages
import Signal
import TestSupport
import Testing

@Suite("A repository on a stick")
struct RepositoryFolderTests {
  private let stick: TemporaryFolder
  private let gateway: TemporaryFolder
  private let update: Scenario.Update
  private let root: [UInt8]

  /// The first update of a scenario that python-tuf made, as files.
  init() throws {
    (stick, gateway) = (try TemporaryFolder(), try TemporaryFolder())
    let golden = try ScenarioGolden.read()
    let scenario = try #require(golden.scenarios.first { $0.name == "delegated: fleet/7/x.model" })
    update = try #require(scenario.updates.first)
    root = golden.files[scenario.root].bytes
    for (name, file) in update.files {
      let path = stick.path(name.hasPrefix("targets/") ? name : "metadata/" + name)
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(golden.files[try #require(file)].bytes).write(to: URL(fileURLWithPath: path))
    }
  }

  private func install() throws -> String {
    let time = try #require(UnixTime(rfc3339: update.now))
    let repository = RepositoryFolder(stick.path)
    var updater = try Updater(
      store: MetadataFolder(gateway.path), initialRoot: root, time: ReferenceTime(clock: time, floor: time),
      fetch: repository.metadata)
    try updater.refresh()
    let target = try #require(try updater.find("fleet/7/x.model"))
    var staged = try StagedTarget(target, folder: gateway.path)
    try repository.copy(target, isConsistentSnapshot: updater.isConsistentSnapshot, into: &staged)
    return try staged.finish()
  }

  @Test("goes through the same checks, and its file ends up under its digest")
  func whole() throws {
    #expect(try contents(ofFile: try install()) == "the shop's")
    #expect(FileManager.default.fileExists(atPath: gateway.path("shop.json")))
  }

  @Test("with a changed target, or none, is refused", arguments: ["the shop'z", "the shop's and more", ""])
  func changed(content: String) throws {
    let name = try #require(update.files.keys.first { $0.hasSuffix("x.model") })
    if content.isEmpty {
      try FileManager.default.removeItem(atPath: stick.path(name))
    } else {
      try stick.write(content, to: name)
    }
    #expect(throws: TrustError.self) { try install() }
  }

  @Test("without metadata is said to have none")
  func empty() throws {
    try FileManager.default.removeItem(atPath: stick.path("metadata"))
    let error = #expect(throws: TrustError.self) { try install() }
    #expect(error?.kind == .notFound)
  }
}
