import Crypto

/// A public key as root and delegations write it, with the name of who holds it (`x-name`): "data-owner", "security".
/// The name is part of what the key's id is the digest of, so it is signed for as the key is.
package struct NamedKey: Sendable, Equatable {
  package let object: SignedJSON
  package let id: UTF8Text

  package init(_ object: SignedJSON) throws(TrustError) {
    self.object = object
    id = UTF8Text(hex(SHA256.hash(data: object.canonical)))
    guard Ed25519().verifies(try publicKey()) else {
      throw TrustError(.malformed, "read", "key \(id.string.prefix(8))", "expected an ed25519 key")
    }
  }

  package init(publicKey: [UInt8], name: String) throws(TrustError) {
    try self.init([
      "keytype": "ed25519", "scheme": "ed25519", "keyval": ["public": .text(UTF8Text(hex(publicKey)))],
      "x-name": .text(UTF8Text(name)),
    ])
  }

  /// "unnamed" where the key's maker gave none.
  package var name: String { object["x-name"]?.text?.string ?? "unnamed" }

  private func publicKey() throws(TrustError) -> PublicKey { try PublicKey(Fields(object, .file("key")), id: id, .shipped) }

  package func isValid(_ signature: [UInt8], over payload: [UInt8]) -> Bool {
    guard let key = try? publicKey() else { return false }
    return Ed25519().isValid(signature, by: key, over: payload)
  }
}

/// Whoever can sign: a key in a file, or a program that has one.
package protocol MetadataSigner {
  /// - Parameter key: the key that is to sign.
  /// - Returns: 64 bytes.
  func sign(_ payload: [UInt8], with key: NamedKey) throws(TrustError) -> [UInt8]
}
