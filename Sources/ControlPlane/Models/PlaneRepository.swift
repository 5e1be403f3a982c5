import Glibc
import ModelPackages

/// The plane's TUF repository as files: `metadata/` and `targets/` are what gateways get; `staged/` waits for signatures; `keys/` holds the
/// plane's own timestamp and snapshot keys; `enrolled/` the gateways' public keys; `audit.jsonl` who did what.
package struct PlaneRepository: Sendable {
  package let folder: String

  package init(_ folder: String) { self.folder = folder }

  package static let folders = ["metadata", "targets", "staged", "keys", "enrolled"]
  package static let maxMetadataBytes = 1 << 20

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func metadata(_ name: String) throws(TrustError) -> [UInt8]? {
    try DurableFile.read(path("metadata/\(name)"), maxBytes: Self.maxMetadataBytes)
  }

  /// What gateways would get now.
  package func state() throws(TrustError) -> RepositoryState {
    var state = RepositoryState()
    while let bytes = try metadata("\(state.rootVersion + 1).root.json") {
      state.roles[.root] = try MetadataDraft(parsing: bytes, name: "root.json")
      state.rootVersion += 1
    }
    guard let timestamp = try metadata("timestamp.json") else { return state }
    state.roles[.timestamp] = try MetadataDraft(parsing: timestamp, name: "timestamp.json")
    try load(state.roles[.timestamp], into: &state)
    try load(state.roles[.snapshot], into: &state)
    return state
  }

  private func load(_ list: MetadataDraft?, into state: inout RepositoryState) throws(TrustError) {
    for (file, listing) in list?.signed["meta"]?.members ?? [:] {
      let role = UTF8Text(file.string.dropLast(".json".utf8.count))
      let name = "\(listing["version"]?.integer ?? 0).\(role.urlEncoded).json"
      guard let bytes = try metadata(name) else {
        throw TrustError(
          .notFound, "read", path("metadata/\(name)"), "the repository is incomplete", remedy: "restore it from a copy")
      }
      state.roles[role] = try MetadataDraft(parsing: bytes, name: file)
    }
  }

  /// What waits for signatures, by role.
  package func staged() throws(TrustError) -> [UTF8Text: MetadataDraft] {
    var staged: [UTF8Text: MetadataDraft] = [:]
    for name in Self.names(in: path("staged")) where name.hasSuffix(".json") {
      guard let bytes = try DurableFile.read(path("staged/\(name)"), maxBytes: Self.maxMetadataBytes) else { continue }
      staged[UTF8Text(name.dropLast(".json".count))] = try MetadataDraft(parsing: bytes, name: UTF8Text(name))
    }
    return staged
  }

  /// Files of a folder, in order; none when it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let open = opendir(folder) else { return [] }
    defer { closedir(open) }
    var names: [String] = []
    while let entry = readdir(open) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}

/// The newest metadata of every role.
package struct RepositoryState: Sendable {
  package internal(set) var roles: [UTF8Text: MetadataDraft] = [:]
  package internal(set) var rootVersion: Int64 = 0

  package var delegated: [UTF8Text] { Self.delegated(by: roles[.targets]) }

  static func delegated(by targets: MetadataDraft?) -> [UTF8Text] {
    (targets?.signed["delegations"]?["roles"]?.elements ?? []).compactMap { $0["name"]?.text }
  }

  /// Who may sign a role, as this state says.
  package func keys(of role: UTF8Text) -> RoleKeys? {
    let root = roles[.root].flatMap { RoleKeys(role, root: $0.signed) }
    return root ?? roles[.targets].flatMap { RoleKeys(delegated: role, by: $0.signed) }
  }

  /// Targets of a role by their paths.
  package func targets(of role: UTF8Text) -> [UTF8Text: SignedJSON] { roles[role]?.signed["targets"]?.members ?? [:] }
}

/// A rollout that gateways get now.
package struct CurrentRollout: Sendable {
  package let fleet: String
  package let rollout: Rollout
}

extension RepositoryEditor {
  /// Those that can be read.
  package var rollouts: [CurrentRollout] { repository.rollouts(in: current) }
}

extension PlaneRepository {
  package func rollouts(in state: RepositoryState) -> [CurrentRollout] {
    state.delegated.flatMap { role in
      state.targets(of: role).sorted { $0.key < $1.key }.compactMap { path, target in
        let parts = path.string.split(separator: "/")
        guard parts.count == 4, parts[0] == "fleet", parts[2] == "rollouts",
          let digest = target["hashes"]?["sha256"]?.text?.string,
          let bytes = try? self.target(path.string, digest), let rollout = try? Rollout(decoding: bytes)
        else { return nil }
        return CurrentRollout(fleet: String(parts[1]), rollout: rollout)
      }
    }
  }
}
