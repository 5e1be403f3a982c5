import Crypto

/// A key as metadata names it. Two ids for the same key are one key when signatures are counted.
package struct PublicKey: Sendable, Hashable {
  package let keyType: UTF8Text
  package let scheme: UTF8Text
  /// As the scheme writes it: hex for Ed25519, PEM for the others.
  package let value: UTF8Text

  init(_ fields: Fields, id: UTF8Text, _ policy: TrustPolicy) throws(TrustError) {
    keyType = try fields.text("keytype")
    scheme = try fields.text("scheme")
    value = try fields.fields("keyval").text("public")
    guard Self.knownSchemes[keyType.string]?.contains(scheme.string) == true else {
      throw fields.malformed("scheme", "unknown key \(keyType)/\(scheme)")
    }
    let computed = hex(SHA256.hash(data: SignedJSON.object(fields.members).canonical))
    guard policy.keyIDs == .declared || id == UTF8Text(computed) else {
      throw TrustError(.keyID, "read", fields.path, "the key's id is \(computed)")
    }
  }

  /// A key of another scheme than the policy's may stand in metadata, so that a repository can move on; its signatures never count.
  /// What is not even a name of one is refused. (TUF 1.0.34, section 4.2; TAP 21; the older names that python-tuf still reads.)
  private static let knownSchemes: [String: Set<String>] = [
    "ed25519": ["ed25519"],
    "ecdsa": ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
    "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
    "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
    "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
    "ml-dsa": ["ml-dsa-44/1", "ml-dsa-65/1", "ml-dsa-87/1"],
    "rsa": [
      "rsassa-pss-sha256", "rsassa-pss-sha384", "rsassa-pss-sha512", "rsa-pkcs1v15-sha256", "rsa-pkcs1v15-sha384",
      "rsa-pkcs1v15-sha512",
    ],
  ]
}

/// One way to sign. Thrum ships Ed25519.
package protocol SignatureScheme: Sendable {
  func verifies(_ key: PublicKey) -> Bool
  /// False for anything that is not a good signature, a key that cannot be read too.
  func isValid(_ signature: [UInt8], by key: PublicKey, over payload: [UInt8]) -> Bool
}

/// RFC 8032; the key is 32 bytes in lower-case hex (one spelling, so that it cannot count as two keys), the signature 64 bytes.
package struct Ed25519: SignatureScheme {
  package init() {}

  package func verifies(_ key: PublicKey) -> Bool { key.keyType == "ed25519" && key.scheme == "ed25519" }

  package func isValid(_ signature: [UInt8], by key: PublicKey, over payload: [UInt8]) -> Bool {
    guard signature.count == 64, let raw = bytes(hex: key.value), UTF8Text(hex(raw)) == key.value,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { return false }
    return key.isValidSignature(signature, for: payload)
  }
}
