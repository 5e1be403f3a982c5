/// Who signs a role, and how many of them must.
struct Signers {
  let threshold: Int64
  /// The role's keys by their ids, those that the metadata has.
  let keys: [UTF8Text: PublicKey]
  /// All ids the role lists, with a key or without.
  let keyIDs: Set<UTF8Text>

  init(_ fields: Fields, keys: [UTF8Text: PublicKey]) throws(TrustError) {
    threshold = try fields.integer("threshold", from: 1)
    let listed = try fields.texts("keyids")
    keyIDs = Set(listed)
    guard keyIDs.count == listed.count else { throw fields.malformed("keyids", "a key id twice") }
    self.keys = keys.filter { [keyIDs] in keyIDs.contains($0.key) }
  }

  /// Throws unless at least `threshold` different keys signed. What signs beside them, wrongly or unasked, does not matter.
  func verify(_ envelope: Envelope, _ policy: TrustPolicy) throws(TrustError) {
    var signed: Set<PublicKey> = []
    for (id, key) in keys where signed.count < threshold && !signed.contains(key) {
      if let signature = envelope.signatures[id], isValid(signature, by: key, envelope, policy) { signed.insert(key) }
    }
    guard signed.count >= threshold else {
      throw TrustError(.notSigned, "verify", envelope.signed.path, "signed by \(signed.count) of the \(threshold) keys needed")
    }
  }

  private func isValid(_ signature: UTF8Text, by key: PublicKey, _ envelope: Envelope, _ policy: TrustPolicy) -> Bool {
    guard let signature = bytes(hex: signature), let scheme = policy.schemes.first(where: { $0.verifies(key) }) else {
      return false
    }
    return scheme.isValid(signature, by: key, over: envelope.payload)
  }
}

extension Fields {
  func keys(_ policy: TrustPolicy) throws(TrustError) -> [UTF8Text: PublicKey] {
    try fields("keys").dictionary { id, fields throws(TrustError) in try PublicKey(fields, id: id, policy) }
  }
}
