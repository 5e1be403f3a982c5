import Glibc
import ModelPackages

// Who may sign what: the first root, and every change of it.
extension RepositoryEditor {
  package struct Signers: Sendable {
    package var keys: [NamedKey]
    package var threshold: Int
    package init(_ keys: [NamedKey], threshold: Int) { (self.keys, self.threshold) = (keys, threshold) }
  }

  /// Stages the first root, the first targets and an empty role per fleet; the plane makes its own two keys.
  package func begin(root: Signers, targets: Signers, fleets: [String: Signers]) throws {
    guard current.roles[.root] == nil else {
      throw PlaneError(
        "make root in", repository.folder, reason: "there is one already", remedy: "change it: thrum-plane keys rotate")
    }
    for (what, signers) in [("root", root), ("targets", targets)] + fleets.map({ ("fleet \($0)", $1) }) {
      try check(what, signers)
    }
    let online = try [UTF8Text.timestamp, .snapshot].map { ($0, (keys: [try onlineKey(for: $0)], threshold: 1)) }
    let roles = Dictionary(
      uniqueKeysWithValues: online + [(.root, (root.keys, root.threshold)), (.targets, (targets.keys, targets.threshold))])
    try stage(.root, MetadataForm.root(version: 1, expires: now, roles: roles), days: Days.root)
    try stage(.targets, MetadataForm.targets(version: 1, expires: now), days: Days.targets)
    try record("begin", "root 1", "\(root.threshold) of \(root.keys.map(\.name).joined(separator: ", "))")
    for (fleet, signers) in fleets.sorted(by: { $0.key < $1.key }) { try delegate(to: fleet, signers) }
  }

  package enum Days {
    package static let root = 365
    package static let targets = 180
    package static let fleet = 90
  }

  /// Gives a fleet its role, or other keys to the role it has. Needs the signatures of targets and of the fleet's new keys.
  package func delegate(to fleet: String, _ signers: Signers) throws {
    try check("fleet \(fleet)", signers)
    let role = Self.role(of: fleet)
    let delegation = MetadataForm.delegation(
      role, paths: ["fleet/\(fleet)/*/*"], keys: signers.keys, threshold: signers.threshold)
    try change(.targets, days: Days.targets) { targets in
      let others = (targets["delegations"]?["roles"]?.elements ?? []).filter { $0["name"]?.text != role }
      let keys = Dictionary(signers.keys.map { ($0.id, $0.object) }) { $1 }
      return targets.setting(
        "delegations",
        to: [
          "roles": .array(others + [delegation]),
          "keys": SignedJSON(members: (targets["delegations"]?["keys"]?.members ?? [:]).merging(keys) { $1 }),
        ])
    }
    try change(role, days: Days.fleet) { $0 }
    try record("delegate", role.string, "\(signers.threshold) of \(signers.keys.map(\.name).joined(separator: ", "))")
  }

  package static func role(of fleet: String) -> UTF8Text { UTF8Text("fleet-\(fleet)") }

  /// Stages a root with other keys for a role. Online roles get a new key that the plane makes.
  package func rotate(_ role: UTF8Text, adding: [NamedKey], removing: [String], threshold: Int?) throws {
    guard let root = staged[.root] ?? current.roles[.root], let old = RoleKeys(role, root: root.signed) else {
      throw PlaneError(
        "rotate", role.string, reason: "root does not name this role", remedy: "for a fleet: thrum-plane keys fleet")
    }
    let unknown = removing.filter { name in !old.keys.contains { $0.name == name } }
    guard unknown.isEmpty else {
      throw PlaneError("remove", unknown.joined(separator: ", "), reason: "no key of \(role.string) is called so")
    }
    let isOnline = role == .timestamp || role == .snapshot
    let kept = isOnline ? [] : old.keys.filter { !removing.contains($0.name) }
    let keys = kept + (isOnline ? [try onlineKey(for: role, new: true)] : adding)
    let signers = Signers(keys, threshold: threshold ?? old.threshold)
    try check(role.string, signers)
    try stage(.root, try rootWith(signers, for: role, in: root.signed), days: Days.root)
    // What the old keys signed must stand under the new ones.
    if role == .targets { try change(.targets, days: Days.targets) { $0 } }
    try record(
      "rotate", role.string, "\(signers.threshold) of \(keys.map(\.name).joined(separator: ", "))")
  }

  /// Stages the same root for longer.
  package func renewRoot() throws {
    try change(.root, days: Days.root) { $0 }
    try record("renew", "root \(staged[.root]?.version ?? 0)")
  }

  private func rootWith(_ signers: Signers, for role: UTF8Text, in root: SignedJSON) throws -> SignedJSON {
    var roles: [UTF8Text: (keys: [NamedKey], threshold: Int)] = [:]
    for name in [UTF8Text.root, .timestamp, .snapshot, .targets] {
      guard let keys = RoleKeys(name, root: root) else { continue }
      roles[name] = name == role ? (signers.keys, signers.threshold) : (keys.keys, keys.threshold)
    }
    return MetadataForm.root(version: 1, expires: now, roles: roles)
  }

  private func check(_ what: String, _ signers: Signers) throws {
    let names = signers.keys.map(\.name)
    guard (1...max(1, signers.keys.count)).contains(signers.threshold), !signers.keys.isEmpty else {
      throw PlaneError(
        "set the keys of", what, reason: "a threshold of \(signers.threshold) with \(signers.keys.count) keys",
        remedy: "expected 1 to as many as there are keys")
    }
    guard Set(names).count == names.count else {
      throw PlaneError("set the keys of", what, reason: "two keys have one name", remedy: "name each after who holds it")
    }
  }

  /// The plane's key for a role, made when there is none.
  private func onlineKey(for role: UTF8Text, new: Bool = false) throws -> NamedKey {
    let name = "plane-\(role.string)"
    if !new, let kept = try onlineKeys().first(where: { $0.key.name == name }) { return kept.key }
    let key = try SigningKey(name: name)
    try key.write(to: repository.path("keys/\(role.string)-\(key.key.id.string.prefix(16)).key"))
    return key.key
  }
}
