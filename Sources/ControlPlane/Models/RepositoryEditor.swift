import ModelPackages
import Signal

/// Changes the repository: what is to be said is staged, signed by as many as the role asks for, then made visible all at once.
package final class RepositoryEditor {
  package let repository: PlaneRepository
  package internal(set) var current: RepositoryState
  package internal(set) var staged: [UTF8Text: MetadataDraft]
  let now: UnixTime
  let actor: String
  private let lock: RepositoryLock

  /// Nobody else changes it while this lives.
  /// - Parameter waits: for whoever changes it now; throws otherwise.
  package init(_ repository: PlaneRepository, by actor: String, at now: UnixTime, waits: Bool = true) throws {
    lock = try RepositoryLock(repository, waits: waits)
    self.repository = repository
    self.actor = actor
    self.now = now
    current = try repository.state()
    staged = try repository.staged()
  }

  package var audit: PlaneAudit { PlaneAudit(path: repository.path("audit.jsonl")) }

  package func record(_ act: String, _ object: String, _ detail: String = "") throws {
    _ = try audit.append(at: now, by: actor, act, object, detail)
  }

  /// Prepares a role's next version: what is staged already, else what is current, changed by `body`. Earlier signatures go.
  func change(_ role: UTF8Text, days: Int, _ body: (SignedJSON) throws -> SignedJSON) throws {
    let base = staged[role] ?? current.roles[role]
    let signed = try body(base?.signed ?? MetadataForm.targets(version: 1, expires: now))
    try stage(role, signed, days: days)
  }

  func stage(_ role: UTF8Text, _ signed: SignedJSON, days: Int) throws {
    let version = (current.roles[role]?.version ?? 0) + 1
    let expires = now.advanced(bySeconds: Double(days) * 86_400)
    let draft = MetadataDraft(signed.merging(["version": .integer(version), "expires": MetadataForm.time(expires)]))
    try keep(role, draft)
  }

  private func keep(_ role: UTF8Text, _ draft: MetadataDraft) throws {
    try DurableFile.write(draft.encoded, to: stagedPath(role))
    staged[role] = draft
  }

  func stagedPath(_ role: UTF8Text) -> String { repository.path("staged/\(role.urlEncoded).json") }

  // MARK: signatures

  /// The state if everything staged were signed: who may sign what is staged follows from it.
  private var wanted: RepositoryState {
    var state = current
    state.roles.merge(staged) { $1 }
    return state
  }

  /// Keys that may sign a staged role. A new root needs the old root's signers too.
  func candidates(for role: UTF8Text) -> [NamedKey] {
    let keys = [wanted, role == .root ? current : nil].compactMap { $0?.keys(of: role)?.keys }.flatMap(\.self)
    return keys.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Signs everything staged that the key called `name` may sign.
  /// - Returns: the roles that got its signature.
  package func approve(as name: String, _ signer: any MetadataSigner) throws -> [UTF8Text] {
    var signed: [UTF8Text] = []
    for role in staged.keys.sorted() {
      for key in candidates(for: role) where key.name == name {
        guard var draft = staged[role] else { continue }
        try draft.add(try signer.sign(draft.payload, with: key), by: key)
        try keep(role, draft)
        try record("approve", "\(role.string) \(draft.version)", "\(name), key \(key.id.string.prefix(16))")
        signed.append(role)
      }
    }
    guard !signed.isEmpty else { throw nothingToSign(name) }
    return signed
  }

  private func nothingToSign(_ name: String) -> PlaneError {
    let names = Set(staged.keys.flatMap(candidates).map(\.name)).sorted()
    let reason = staged.isEmpty ? "nothing waits for a signature" : "nothing that waits may be signed by that name"
    return PlaneError(
      "approve as", name, reason: reason, remedy: names.isEmpty ? nil : "these may: \(names.joined(separator: ", "))")
  }

  /// What a staged role still needs.
  package struct Waiting: Sendable, Encodable, Equatable {
    package var role: String
    package var version: Int64
    package var threshold: Int
    package var signed: [String]
    package var mayStillSign: [String]
  }

  package var waiting: [Waiting] {
    staged.keys.sorted().compactMap { role in
      guard let draft = staged[role] else { return nil }
      let keys = candidates(for: role)
      return Waiting(
        role: role.string, version: draft.version, threshold: wanted.keys(of: role)?.threshold ?? 0,
        signed: keys.filter(draft.isSigned).map(\.name), mayStillSign: keys.filter { !draft.isSigned(by: $0) }.map(\.name))
    }
  }
}
