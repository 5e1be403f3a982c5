import ModelPackages
import Signal
import Testing

/// Two roles that both let `release` vouch for files, each under another key. Root and timestamp are the mutations' ones.
@Suite("Who led to a role")
struct DelegatorTests {
  private let golden: MutationGolden
  private let files: [UTF8Text: [UInt8]]

  init() throws {
    golden = try MutationGolden.read()
    var files = golden.second
    let release = try Self.targets("{\(Self.file("team-a/x")),\(Self.file("team-b/x"))}")
    files["targets"] = try Self.signed(
      Self.targets(delegations: [("parent-a", "team-a/*", 1), ("parent-b", "team-b/*", 2)]), by: 10)
    files["parent-a"] = try Self.signed(Self.targets(delegations: [("release", "team-a/*", 3)]), by: 1)
    files["parent-b"] = try Self.signed(Self.targets(delegations: [("release", "team-b/*", 5)]), by: 2)
    files["release"] = try Self.signed(release, by: 3)
    let listed = ["fleet", "parent-a", "parent-b", "release", "targets"].map { #""\#($0).json":{"version":2}"# }.joined(
      separator: ",")
    let head = #"{"_type":"snapshot","expires":"2030-07-01T00:00:00Z","meta":{\#(listed)},"#
    files["snapshot"] = try Self.signed(head + #""spec_version":"1.0.31","version":2}"#, by: 7)
    self.files = files
  }

  private static func file(_ path: String) -> String {
    #""\#(path)":{"hashes":{"sha256":"\#(String(repeating: "0", count: 64))"},"length":1}"#
  }

  private static func signed(_ text: String, by key: Int) throws -> [UInt8] { try envelope(Array(text.utf8), keys: [key]) }

  private static func targets(
    _ targets: String = "{}", delegations: [(role: String, path: String, key: Int)] = []
  ) throws -> String {
    let keys = try delegations.map { try TestKey.number($0.key) }.sorted { $0.id < $1.id }.map { #""\#($0.id)":\#($0.object)"# }
    let roles = try delegations.map { role, path, key in
      let id = try TestKey.number(key).id
      return #"{"keyids":["\#(id)"],"name":"\#(role)","paths":["\#(path)"],"terminating":false,"threshold":1}"#
    }
    let part = #""delegations":{"keys":{\#(keys.joined(separator: ","))},"roles":[\#(roles.joined(separator: ","))]},"#
    let head = #"{"_type":"targets",\#(part)"expires":"2030-07-01T00:00:00Z","#
    return head + #""spec_version":"1.0.31","targets":\#(targets),"version":2}"#
  }

  private func updater(_ store: MemoryStore) throws -> Updater {
    let time = try #require(UnixTime(rfc3339: "2030-06-01T00:00:00Z"))
    var updater = try Updater(store: store, initialRoot: nil, time: ReferenceTime(clock: time, floor: time)) { [files] request in
      request.version == nil || request.version == 2 ? files[request.role] : nil
    }
    try updater.refresh()
    return updater
  }

  @Test("a role is verified by each that leads to it, in one update and in the next")
  func everyPath() throws {
    let store = MemoryStore(golden.first)
    for _ in 0..<2 {
      var updater = try updater(store)
      #expect(try updater.find("team-a/x")?.length == 1)
      let error = #expect(throws: TrustError.self) { try updater.find("team-b/x") }
      #expect(error?.kind == .notSigned)
      #expect(try updater.find("team-a/x")?.length == 1)
    }
  }
}
