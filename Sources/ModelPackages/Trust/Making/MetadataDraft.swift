/// A metadata file being made: what is to be signed, and the signatures there are so far.
package struct MetadataDraft: Sendable, Equatable {
  package private(set) var signed: SignedJSON
  /// Hex by key id.
  private var signatures: [UTF8Text: UTF8Text]

  package init(_ signed: SignedJSON) {
    self.signed = signed
    signatures = [:]
  }

  package init(parsing bytes: [UInt8], name: UTF8Text) throws(TrustError) {
    let envelope = try Envelope(bytes, name: name)
    signed = .object(envelope.signed.members)
    signatures = envelope.signatures
  }

  package var version: Int64 { signed["version"]?.integer ?? 0 }
  package var expires: String { signed["expires"]?.text?.string ?? "unknown" }

  /// What is signed.
  package var payload: [UInt8] { signed.canonical }

  /// The file.
  package var encoded: [UInt8] {
    let list = signatures.sorted { $0.key < $1.key }.map { entry in
      SignedJSON(members: ["keyid": .text(entry.key), "sig": .text(entry.value)])
    }
    return SignedJSON(members: ["signatures": .array(list), "signed": signed]).canonical
  }

  /// - Throws: when it is no signature of that key over this.
  package mutating func add(_ signature: [UInt8], by key: NamedKey) throws(TrustError) {
    guard key.isValid(signature, over: payload) else {
      throw TrustError(.notSigned, "sign with", key.name, "what came back is no signature of that key")
    }
    signatures[key.id] = UTF8Text(hex(signature))
  }

  package func isSigned(by key: NamedKey) -> Bool {
    guard let text = signatures[key.id], let signature = bytes(hex: text) else { return false }
    return key.isValid(signature, over: payload)
  }
}

/// Who signs a role, and how many of them must.
package struct RoleKeys: Sendable, Equatable {
  package let threshold: Int
  package let keys: [NamedKey]

  /// - Parameter root: root's signed part. `nil` when it does not name the role.
  package init?(_ role: UTF8Text, root: SignedJSON) { self.init(root["roles"]?[role], root["keys"]) }

  /// - Parameter targets: the delegating role's signed part.
  package init?(delegated role: UTF8Text, by targets: SignedJSON) {
    let roles = targets["delegations"]?["roles"]?.elements ?? []
    self.init(roles.first { $0["name"]?.text == role }, targets["delegations"]?["keys"])
  }

  private init?(_ role: SignedJSON?, _ keys: SignedJSON?) {
    guard let threshold = role?["threshold"]?.integer, let ids = role?["keyids"]?.elements else { return nil }
    self.threshold = Int(clamping: threshold)
    self.keys = ids.compactMap { $0.text.flatMap { keys?[$0] }.flatMap { try? NamedKey($0) } }
  }

  package func signers(of draft: MetadataDraft) -> [NamedKey] { keys.filter(draft.isSigned) }
  package func isMet(by draft: MetadataDraft) -> Bool { threshold >= 1 && signers(of: draft).count >= threshold }
}
