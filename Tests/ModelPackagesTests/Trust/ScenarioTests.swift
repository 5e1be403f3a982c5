import Foundation
import ModelPackages
import Signal
import Testing
import TestSupport

/// Attacks and honest updates made by python-tuf, with its verdicts (`scripts/golden/tuf_scenarios.py`).
@Suite("Scenarios")
struct ScenarioTests {
  @Test("an attack is refused with its reason, and an honest update taken", arguments: try ScenarioGolden.read().scenarios)
  func scenario(_ scenario: Scenario) throws {
    let golden = try ScenarioGolden.read()
    let store = MemoryStore()
    for update in scenario.updates {
      let result = try golden.run(update, root: scenario.root, store)
      #expect(result.error?.kind.rawValue == update.thrum, "\(result.error?.description ?? "accepted")")
      #expect((result.error?.description.utf8.allSatisfy { (0x20..<0x7F).contains($0) }) ?? true)
      if scenario.because == nil {
        #expect((result.error == nil) == (update.python == nil))
        #expect(try versions(store) == update.kept, "\(result.error?.description ?? "accepted")")
      }
    }
  }

  @Test(
    "a power cut at any change leaves an update that the next one completes",
    arguments: ["timestamp", "timestamp and snapshot", "snapshot"])
  func powerCut(roles: String) throws {
    let golden = try ScenarioGolden.read()
    let scenario = try #require(golden.scenarios.first { $0.name == "recovery after a fast-forward of \(roles)" })
    let whole = MemoryStore()
    for update in scenario.updates { #expect(try golden.run(update, root: scenario.root, whole).error == nil) }
    for cut in 1...whole.changes {
      let store = MemoryStore()
      store.failAt = cut
      for update in scenario.updates { _ = try golden.run(update, root: scenario.root, store) }
      store.failAt = nil
      for update in scenario.updates.suffix(1) {
        #expect(try golden.run(update, root: scenario.root, store).error == nil, "cut at change \(cut)")
      }
      #expect(store.files == whole.files, "cut at change \(cut)")
    }
  }

  private func versions(_ store: MemoryStore) throws -> [String: Int64] {
    try store.files.reduce(into: [:]) { versions, file in
      guard ScenarioGolden.topLevel.contains(file.key.string),
        case .integer(let version) = try SignedJSONParser.parse(file.value)["signed"]?["version"]
      else { return }
      versions[file.key.string] = version
    }
  }
}

struct Scenario: Codable, Sendable, CustomTestStringConvertible {
  let name: String
  let root: Int
  let because: String?
  let updates: [Update]

  struct Update: Codable, Sendable {
    let now: String
    /// By their names; `nil` for one without end.
    let files: [String: Int?]
    let target: String?
    let python: String?
    let thrum: String?
    let kept: [String: Int64]
  }

  var testDescription: String { name }
}

struct ScenarioGolden: Decodable, Sendable {
  let files: [File]
  let scenarios: [Scenario]

  static let topLevel = ["root", "timestamp", "snapshot", "targets"]

  static func read() throws -> ScenarioGolden { try once.get() }

  private static let once = Result { try JSONDecoder().decode(ScenarioGolden.self, from: try Golden.data("tuf/scenarios.json")) }

  /// One update, and one download when a target is wanted.
  func run(_ update: Scenario.Update, root: Int, _ store: MemoryStore) throws -> (error: TrustError?, target: [UInt8]?) {
    let time = try #require(UnixTime(rfc3339: update.now))
    do throws(TrustError) {
      var updater = try Updater(
        store: store, initialRoot: files[root].bytes, time: ReferenceTime(clock: time, floor: time)
      ) { request throws(TrustError) in
        let version = request.version.map { "\($0)." } ?? ""
        return published("\(version)\(request.role.string).json", in: update, maxBytes: request.maxBytes)
      }
      try updater.refresh()
      guard let path = update.target else { return (nil, nil) }
      guard let target = try updater.find(UTF8Text(path)) else { throw TrustError(.notFound, "find", UTF8Text(path), "unknown") }
      return (nil, try download(target, updater.isConsistentSnapshot, update))
    } catch { return (error, nil) }
  }

  private func download(
    _ target: TargetFile, _ isConsistent: Bool, _ update: Scenario.Update
  ) throws(TrustError) -> [UInt8] {
    var download = try TargetDownload(target)
    let path = isConsistent ? target.consistentPath : target.path
    let bytes = published("targets/" + (path?.string ?? ""), in: update, maxBytes: Int(target.length)) ?? []
    let taken = try download.take(bytes, at: 0)
    try download.verify()
    return Array(taken)
  }

  private func published(_ name: String, in update: Scenario.Update, maxBytes: Int) -> [UInt8]? {
    // By bytes: Swift's dictionary takes two spellings of é for one name, and python-tuf quotes those of roles.
    let wanted = Array(name.utf8)
    guard let file = update.files.first(where: { unquoted($0.key) == wanted }) else { return nil }
    return file.value.map { files[$0].bytes } ?? Array(repeating: 0x7B, count: maxBytes + 1)
  }

  private func unquoted(_ name: String) -> [UInt8] {
    name.hasPrefix("targets/") ? Array(name.utf8) : Array((name.removingPercentEncoding ?? name).utf8)
  }

  struct File: Decodable, Sendable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        bytes = Array(text.utf8)
      } else {
        bytes = try container.decode(Coded.self).bytes
      }
    }

    private struct Coded: Decodable {
      let base64: Data?
      let `repeat`: String?
      let count: Int?

      var bytes: [UInt8] {
        base64.map { Array($0) } ?? Array(repeatElement(Array((`repeat` ?? "").utf8), count: count ?? 0).joined())
      }
    }
  }
}
