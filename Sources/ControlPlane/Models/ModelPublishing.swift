import Glibc
import ModelPackages
import Signal

// What gateways may be told to run: packages, the revoked list, rollouts. Each is a target; bytes are brought in first, for nobody asks for a
// file that no signed metadata names.
extension RepositoryEditor {
  /// Stages a package for the signatures of targets.
  /// - Parameter isGolden: kept for good, to go back to.
  package func publish(package bytes: [UInt8], isGolden: Bool) throws -> ModelPackage {
    let package = try ModelPackage(bytes)
    let path = Rollout.path(package.card.model, package.card.version)
    if let known = current.targets(of: .targets)[UTF8Text(path)], known["hashes"]?["sha256"]?.text?.string != package.digest {
      throw PlaneError(
        "publish", path, reason: "this version is published already, with other bytes", remedy: "give it another version")
    }
    let custom: SignedJSON = [
      "model": .text(UTF8Text(package.card.model)), "version": .text(UTF8Text(package.card.version)), "golden": .flag(isGolden),
      "review_by": .text(UTF8Text(package.card.reviewBy)),
    ]
    try add(path, bytes, custom: custom, to: .targets, days: Days.targets)
    try record("publish", path, "sha256 \(package.digest)\(isGolden ? ", golden" : "")")
    return package
  }

  /// Stages a target of a role.
  func add(_ path: String, _ bytes: [UInt8], custom: SignedJSON?, to role: UTF8Text, days: Int) throws {
    let digest = MetadataForm.sha256(bytes)
    let parts = path.split(separator: "/").map(String.init)
    try repository.makeFolders(["targets"] + parts.dropLast())
    let file = (["targets"] + parts.dropLast() + ["\(digest).\(parts.last ?? "")"]).joined(separator: "/")
    try DurableFile.write(bytes, to: repository.path(file), mode: 0o644)
    try change(role, days: days) { signed in
      let targets = signed["targets"]?.members ?? [:]
      return signed.setting(
        "targets", to: SignedJSON(members: targets.merging([UTF8Text(path): MetadataForm.target(bytes, custom: custom)]) { $1 }))
    }
  }

  /// Stages that no package of this version runs any more, not even as what is gone back to.
  package func revoke(_ model: String, _ version: String) throws {
    let target = try published(model, version)
    guard let digest = target["hashes"]?["sha256"]?.text?.string else { return }
    let path = "models/revoked.json"
    let before = try stagedOrCurrent(path, of: .targets).map { try RevokedModels(decoding: $0) }
    let revoked = RevokedModels(serial: (before?.serial ?? 0) + 1, digests: (before?.digests ?? []).union([digest]))
    try add(path, revoked.encoded(), custom: nil, to: .targets, days: Days.targets)
    try record("revoke", Rollout.path(model, version), "sha256 \(digest)")
  }

  /// Stages that a version is offered no more: it leaves the signed list, its file and its review date stay in the archive.
  package func retire(_ model: String, _ version: String) throws {
    let path = Rollout.path(model, version)
    let target = try published(model, version)
    guard target["custom"]?["golden"] != .flag(true) else {
      throw PlaneError("retire", path, reason: "it is a golden version: gateways go back to it", remedy: "only `revoke` ends it")
    }
    let users = rollouts.filter { $0.rollout.package == path }.map(\.fleet)
    guard users.isEmpty else {
      throw PlaneError(
        "retire", path, reason: "it is rolled out to \(users.joined(separator: ", "))", remedy: "roll out another version first")
    }
    try change(.targets, days: Days.targets) { signed in
      signed.setting("targets", to: signed["targets"]?.setting(UTF8Text(path), to: nil))
    }
    try record("retire", path, "review by \(target["custom"]?["review_by"]?.text?.string ?? "unknown")")
  }

  /// A package that is visible.
  func published(_ model: String, _ version: String) throws -> SignedJSON {
    guard let target = current.targets(of: .targets)[UTF8Text(Rollout.path(model, version))] else {
      let isStaged = staged[.targets]?.signed["targets"]?[UTF8Text(Rollout.path(model, version))] != nil
      throw PlaneError(
        "find", Rollout.path(model, version), reason: isStaged ? "it waits for signatures" : "it is not published",
        remedy: isStaged ? "thrum-plane approve" : "thrum-plane publish PACKAGE")
    }
    return target
  }

  /// A small target's bytes, as they will be when what is staged is signed.
  func stagedOrCurrent(_ path: String, of role: UTF8Text) throws -> [UInt8]? {
    let draft = staged[role] ?? current.roles[role]
    guard let digest = draft?.signed["targets"]?[UTF8Text(path)]?["hashes"]?["sha256"]?.text?.string else { return nil }
    return try repository.target(path, digest)
  }
}

// Rollouts.
extension RepositoryEditor {
  /// What a rollout is to be; `nil`: as it was.
  package struct Wish: Sendable {
    package var version: String?
    package var points: Selector?
    package var canaryPoints: Selector?
    package var sharePPM: Int64?
    package var state = Rollout.State.running
    package var shadowWindows: Int64?
    package var canaryWindows: Int64?
    package var gates: Rollout.Gates?

    package init() {}
  }

  /// Stages a fleet's rollout of a model for the signatures of that fleet.
  /// - Parameter halt: why no gateway more may get the version that is rolled out.
  package func roll(_ model: String, in fleet: String, _ wish: Wish, halt: (Rollout) throws -> String?) throws -> Rollout {
    let role = Self.role(of: fleet)
    guard current.delegated.contains(role) else {
      throw PlaneError(
        "roll out to", fleet, reason: "targets gave this fleet no role", remedy: "thrum-plane keys fleet \(fleet) …")
    }
    let path = "fleet/\(fleet)/rollouts/\(model).json"
    let before = try stagedOrCurrent(path, of: role).map { try Rollout(decoding: $0) }
    let rollout = try next(model, after: before, wish)
    if let before, rollout.state == .running, rollout.version == before.version, rollout.widens(before),
      let reason = try halt(before)
    {
      throw PlaneError(
        "roll out", "\(model) \(rollout.version) to more of \(fleet)", reason: "halted: \(reason)",
        remedy: "thrum-plane rollback \(model), or roll out another version")
    }
    try add(path, rollout.encoded(), custom: nil, to: role, days: Days.fleet)
    try record("rollout", "\(fleet)/\(model) \(rollout.version)", rollout.words)
    return rollout
  }

  private func next(_ model: String, after before: Rollout?, _ wish: Wish) throws -> Rollout {
    guard let version = wish.version ?? before?.version else {
      throw PlaneError("change", model, reason: "nothing of it is rolled out yet", remedy: "thrum-plane rollout \(model) VERSION")
    }
    let target = try published(model, version)
    guard let digest = target["hashes"]?["sha256"]?.text?.string, let length = target["length"]?.integer else {
      throw PlaneError("read", model, reason: "its target has no digest")
    }
    let serial = (before?.serial ?? 0) + 1
    let isSame = before?.version == version && before?.sha256 == digest
    var rollout = Rollout(
      serial: serial, firstSerial: isSame ? before?.firstSerial : serial, model: model, version: version, sha256: digest,
      length: length, points: wish.points ?? before?.points ?? Selector(["*/*"]) ?? Selector())
    rollout.state = wish.state
    rollout.sharePPM = wish.sharePPM ?? (isSame ? before?.sharePPM : nil) ?? 1_000_000
    rollout.canaryPoints = wish.canaryPoints ?? before?.canaryPoints ?? Selector()
    rollout.shadowWindows = wish.shadowWindows ?? before?.shadowWindows ?? rollout.shadowWindows
    rollout.canaryWindows = wish.canaryWindows ?? before?.canaryWindows ?? rollout.canaryWindows
    rollout.gates = wish.gates ?? before?.gates ?? rollout.gates
    return rollout
  }
}

extension Rollout {
  /// To more gateways or other points, or to run again.
  func widens(_ before: Rollout) -> Bool { sharePPM > before.sharePPM || points != before.points || before.state != .running }

  package var words: String {
    "\(state.rawValue), \(Double(sharePPM) / 10_000) % of the gateways, points \(points.patterns.joined(separator: " ")), serial \(serial)"
  }
}

extension PlaneRepository {
  func makeFolders(_ parts: [String]) throws(PlaneError) {
    var folder = self.folder
    for part in parts {
      folder += "/" + part
      guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
        throw PlaneError("make", folder, reason: String(cString: strerror(errno)))
      }
    }
  }

  /// A target's bytes; `nil` when they are not there.
  package func target(_ path: String, _ digest: String) throws -> [UInt8]? {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    return try DurableFile.read(
      self.path("targets/\(path[..<slash])\(digest).\(path[slash...])"), maxBytes: ModelPackage.mostBytes + 1)
  }
}
