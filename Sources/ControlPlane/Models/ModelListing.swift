import Contracts
import Glibc
import ModelPackages
import Signal

/// The registry: every package with its card and metrics, every rollout with how its gateways do. `thrum-plane models --json`.
package struct ModelListing: Sendable, Encodable {
  package struct Model: Sendable, Encodable {
    package var model: String
    package var version: String
    package var sha256: String
    package var bytes: Int64
    package var isGolden = false
    package var isRevoked = false
    /// Offered no longer; kept in the archive.
    package var isRetired = false
    package var reviewBy: String
    /// The review date is past.
    package var isOverdue = false
    package var owner = "unknown"
    package var purpose = ""
    package var trainingData = ""
    package var licence = ""
    package var limits: [String] = []
    package var knownFailureModes: [String] = []
    /// By set, then by name.
    package var metrics: [String: [String: String]] = [:]
  }

  package struct Row: Sendable, Encodable {
    package var fleet: String
    package var model: String
    package var version: String
    package var sha256: String
    package var serial: Int64
    package var state: String
    package var sharePpm: Int64
    package var points: [String]
    /// How many are at which stage.
    package var gateways: [String: Int]
    package var halt: String?
  }

  package var models: [Model]
  package var rollouts: [Row]

  /// - Parameter plane: what the gateways said; `nil`: nothing yet.
  package init(_ repository: PlaneRepository, plane: PlaneReader?, at now: UnixTime) throws {
    let state = try repository.state()
    let targets = state.targets(of: .targets)
    let revoked =
      try targets["models/revoked.json"]?["hashes"]?["sha256"]?.text
      .flatMap { try repository.target("models/revoked.json", $0.string) }.map { try RevokedModels(decoding: $0).digests } ?? []
    models = try targets.sorted { $0.key < $1.key }.compactMap { path, target in
      try Self.model(path.string, target, repository, revoked, at: now)
    }
    models += try Self.archive(repository, besides: Set(models.map(\.sha256)), revoked, at: now)
    let (spread, halts) = (try plane?.spread() ?? [], try plane?.halts() ?? [])
    rollouts = repository.rollouts(in: state).map { current in
      let rollout = current.rollout
      let stages = spread.filter { $0.fleet == current.fleet && $0.sha256 == rollout.sha256 }
      return Row(
        fleet: current.fleet, model: rollout.model, version: rollout.version, sha256: rollout.sha256, serial: rollout.serial,
        state: rollout.state.rawValue, sharePpm: rollout.sharePPM, points: rollout.points.patterns,
        gateways: Dictionary(stages.map { ($0.stage, $0.gateways) }, uniquingKeysWith: +),
        halt: halts.first { $0.fleet == current.fleet && $0.sha256 == rollout.sha256 }?.words)
    }
  }

  private static func model(
    _ path: String, _ target: SignedJSON, _ repository: PlaneRepository, _ revoked: Set<String>, at now: UnixTime
  ) throws -> Model? {
    guard let digest = target["hashes"]?["sha256"]?.text?.string, let custom = target["custom"],
      let name = custom["model"]?.text?.string, let version = custom["version"]?.text?.string
    else { return nil }
    var model = Model(
      model: name, version: version, sha256: digest, bytes: target["length"]?.integer ?? 0,
      reviewBy: custom["review_by"]?.text?.string ?? "unknown")
    model.isGolden = custom["golden"] == .flag(true)
    model.isRevoked = revoked.contains(digest)
    model.isOverdue = model.reviewBy < now.rfc3339.prefix(10)
    if let bytes = try repository.target(path, digest), let card = (try? ModelPackage(bytes))?.card { model.fill(from: card) }
    return model
  }

  /// Packages that are offered no longer; those that wait for signatures are none of them.
  private static func archive(
    _ repository: PlaneRepository, besides known: Set<String>, _ revoked: Set<String>, at now: UnixTime
  ) throws -> [Model] {
    let staged = try repository.staged()[.targets]?.signed["targets"]?.members.values.compactMap {
      $0["hashes"]?["sha256"]?.text?.string
    }
    var models: [Model] = []
    for name in PlaneRepository.names(in: repository.path("targets/models")) {
      for file in PlaneRepository.names(in: repository.path("targets/models/\(name)")) where file.hasSuffix(".thrum") {
        guard let digest = file.split(separator: ".").first.map(String.init), !known.contains(digest),
          staged?.contains(digest) != true,
          let bytes = try repository.target("models/\(name)/\(file.dropFirst(digest.utf8.count + 1))", digest),
          let card = (try? ModelPackage(bytes))?.card
        else { continue }
        var model = Model(
          model: card.model, version: card.version, sha256: digest, bytes: Int64(bytes.count), reviewBy: card.reviewBy)
        (model.isRetired, model.isRevoked) = (true, revoked.contains(digest))
        model.isOverdue = model.reviewBy < now.rfc3339.prefix(10)
        model.fill(from: card)
        models.append(model)
      }
    }
    return models
  }
}

extension ModelListing.Model {
  fileprivate mutating func fill(from card: PackageCard) {
    (owner, purpose, licence) = (card.owner, card.purpose, card.licence)
    trainingData = card.trainingData.description
    (limits, knownFailureModes) = (card.limits, card.knownFailureModes)
    for set in card.metrics { metrics[set.set] = Dictionary(set.figures.map { ($0.name, $0.value) }) { $1 } }
  }
}

extension PlaneReader {
  package static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

extension PlaneAudit {
  package init(_ repository: PlaneRepository) { path = repository.path("audit.jsonl") }
}

extension RepositoryEditor {
  /// Copies what is current to a folder, for a stick. Older versions of root go along: a gateway walks the chain.
  /// - Returns: how many files.
  package func export(to folder: String) throws -> Int {
    let names = PlaneRepository.names(in: folder)
    guard names.isEmpty else { throw PlaneError("export to", folder, reason: "the folder is not empty") }
    let out = PlaneRepository(folder)
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw PlaneError("make", folder, reason: String(cString: strerror(errno)))
    }
    try out.makeFolders(["metadata"])
    var count = 0
    for version in 1...max(1, current.rootVersion) { count += try copy("metadata/\(version).root.json", to: out) }
    for (role, draft) in current.roles where role != .root && role != .timestamp {
      count += try copy("metadata/\(draft.version).\(role.urlEncoded).json", to: out)
    }
    for role in [.targets] + current.delegated {
      for (path, target) in current.targets(of: role) { count += try copy(target: path.string, target, to: out) }
    }
    count += try copy("metadata/timestamp.json", to: out)
    try record("export", "timestamp \(current.roles[.timestamp]?.version ?? 0)", folder)
    return count
  }

  private func copy(target path: String, _ target: SignedJSON, to out: PlaneRepository) throws -> Int {
    guard let digest = target["hashes"]?["sha256"]?.text?.string else { return 0 }
    let parts = path.split(separator: "/").map(String.init)
    let folder = ["targets"] + parts.dropLast()
    try out.makeFolders(folder)
    return try copy((folder + ["\(digest).\(parts.last ?? "")"]).joined(separator: "/"), to: out)
  }

  private func copy(_ name: String, to out: PlaneRepository) throws -> Int {
    guard let bytes = try DurableFile.read(repository.path(name), maxBytes: ModelPackage.mostBytes + 1) else {
      throw PlaneError("export", repository.path(name), reason: "there is no such file")
    }
    try DurableFile.write(bytes, to: out.path(name), mode: 0o644)
    return 1
  }
}
