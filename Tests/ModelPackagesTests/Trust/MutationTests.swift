import Foundation
import ModelPackages
import Signal
import Testing
import TestSupport

/// 1,060 changes to one update's metadata, each judged before by python-tuf's updater (`scripts/golden/tuf_mutations.py`).
@Suite("Mutations")
struct MutationTests {
  @Test("an update with one file changed ends as python-tuf's updater ends it, file by file")
  func sameAsPythonTUF() async throws {
    let golden = try MutationGolden.read()
    let plain = golden.mutations.filter { $0.rule == nil }
    #expect(plain.count == 1000)
    #expect(plain.count { $0.isAccepted } > 200)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for part in 0..<4 {
        group.addTask {
          for mutation in plain.dropFirst(part * 250).prefix(250) {
            let outcome = try golden.outcome(of: mutation, .computed)
            let isSame = (outcome.error == nil) == mutation.isAccepted && outcome.kept == mutation.kept
            #expect(isSame, "\(mutation.line): \(outcome.kept) \(outcome.error?.description ?? "")")
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("what Thrum alone refuses, it refuses for the rule that says so")
  func stricter() throws {
    let golden = try MutationGolden.read()
    let kinds: [String: TrustError.Kind] = [
      "duplicate": .malformed, "key_id": .keyID, "type": .malformed, "hex": .notSigned, "time": .notSigned,
    ]
    for mutation in golden.mutations {
      guard let rule = mutation.rule, rule != "rotation" else { continue }
      let error = try golden.outcome(of: mutation, .computed).error
      #expect(error?.kind == kinds[rule], "\(mutation.line): \(error?.description ?? "accepted")")
    }
  }

  @Test("what keys signed that root has since taken away is not kept, even when the update fails later")
  func rotation() throws {
    let golden = try MutationGolden.read()
    for mutation in golden.mutations where mutation.rule == "rotation" {
      let outcome = try golden.outcome(of: mutation, .computed)
      #expect(outcome.error != nil && !mutation.isAccepted, "\(mutation.line)")
      #expect(outcome.kept == mutation.kept.prefix(3).replacing("1", with: "-") + mutation.kept.suffix(2), "\(mutation.line)")
    }
  }

  @Test("with key ids taken as declared, only the other rules are stricter than python-tuf")
  func declaredKeyIDs() throws {
    let golden = try MutationGolden.read()
    for mutation in golden.mutations where mutation.rule == "key_id" {
      let outcome = try golden.outcome(of: mutation, .declared)
      #expect(
        (outcome.error == nil) == mutation.isAccepted && outcome.kept == mutation.kept,
        "\(mutation.line): \(outcome.error?.description ?? "")")
    }
  }
}

struct Mutation: Sendable {
  let line: String
  let role: UTF8Text
  let how: Substring
  let edits: Substring
  let isAccepted: Bool
  let kept: String
  let rule: String?

  init(_ line: String) throws {
    let fields = line.split(separator: " ")
    try #require((5...6).contains(fields.count), "\(line)")
    self.line = line
    (role, how, edits, isAccepted) = (UTF8Text(fields[0]), fields[1], fields[2], fields[3] == "accepted")
    (kept, rule) = (String(fields[4]), fields.count > 5 ? String(fields[5]) : nil)
  }

  /// From the end, so that offsets stay true.
  func applied(to bytes: [UInt8]) throws -> [UInt8] {
    var bytes = bytes
    for edit in edits.split(separator: ";").reversed() {
      let parts = edit.split(separator: ",", omittingEmptySubsequences: false)
      let start = try #require(Int(parts[0]))
      bytes.replaceSubrange(start..<start + (try #require(Int(parts[1]))), with: try ModelPackagesTests.bytes(hex: parts[2]))
    }
    return bytes
  }
}

struct MutationGolden: Sendable {
  static let roles: [UTF8Text] = ["root", "timestamp", "snapshot", "targets", "fleet"]
  /// Numbers of the signing keys, in the order of signing.
  static let keys: [UTF8Text: [Int]] = [
    "root": [1, 2, 3], "timestamp": [4, 5, 6], "snapshot": [7, 8, 9], "targets": [10, 11, 12], "fleet": [13],
  ]
  let first: [UTF8Text: [UInt8]]
  let second: [UTF8Text: [UInt8]]
  let mutations: [Mutation]
  private let scheme = RememberedEd25519()

  static func read() throws -> MutationGolden { try once.get() }

  private static let once = Result { try MutationGolden() }

  private init() throws {
    let lines = String(decoding: try Golden.data("tuf/mutations.txt"), as: UTF8.self).split(separator: "\n").map(String.init)
    let versions = try JSONDecoder().decode([[String: String]].self, from: Data(lines[0].utf8))
    (first, second) = (Self.files(versions[0]), Self.files(versions[1]))
    mutations = try lines.dropFirst().map(Mutation.init)
  }

  private static func files(_ texts: [String: String]) -> [UTF8Text: [UInt8]] {
    texts.reduce(into: [:]) { $0[UTF8Text($1.key)] = Array($1.value.utf8) }
  }

  /// Version 1 is kept, version 2 is published, the mutation's file is changed; then one update and one download.
  func outcome(of mutation: Mutation, _ keyIDs: TrustPolicy.KeyIDs) throws -> (error: TrustError?, kept: String) {
    let changed = try changed(mutation)
    var published = second
    let store = MemoryStore(first)
    if mutation.how == "kept" { store.files[mutation.role] = changed } else { published[mutation.role] = changed }
    let error = update(store, published, keyIDs)
    let kept = Self.roles.map { role in
      store.files[role].map { $0 == changed ? "m" : $0 == first[role] ? "1" : $0 == second[role] ? "2" : "?" } ?? "-"
    }
    return (error, kept.joined())
  }

  private func changed(_ mutation: Mutation) throws -> [UInt8] {
    let file = try #require(mutation.how == "kept" ? first[mutation.role] : second[mutation.role])
    guard mutation.how == "signed" else { return try mutation.applied(to: file) }
    let signed = try #require(try SignedJSONParser.parse(file)["signed"]).canonical
    return try envelope(try mutation.applied(to: signed), keys: try #require(Self.keys[mutation.role]))
  }

  private func update(_ store: MemoryStore, _ published: [UTF8Text: [UInt8]], _ keyIDs: TrustPolicy.KeyIDs) -> TrustError? {
    let time = UnixTime(rfc3339: "2030-06-01T00:00:00Z") ?? UnixTime(nanoseconds: 0)
    do throws(TrustError) {
      var updater = try Updater(
        store: store, initialRoot: nil, time: ReferenceTime(clock: time, floor: time),
        policy: TrustPolicy(keyIDs: keyIDs, schemes: [scheme])
      ) { request throws(TrustError) in
        // Version 2 is what the repository has; the timestamp alone has no version in its name.
        request.version == (request.role == "timestamp" ? nil : 2) ? published[request.role] : nil
      }
      try updater.refresh()
      guard let target = try updater.find("fleet/7/pump.model") else {
        throw TrustError(.notFound, "find", "fleet/7/pump.model", "no role knows it")
      }
      var download = try TargetDownload(target)
      _ = try download.take(Array("a model".utf8).prefix(Int(target.length)).map { $0 }, at: 0)
      try download.verify()
      return nil
    } catch { return error }
  }
}
