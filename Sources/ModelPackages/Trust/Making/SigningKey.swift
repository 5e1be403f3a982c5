import Crypto
import Glibc

/// An Ed25519 private key and the name of its holder. In a file it is JSON that only its owner may read.
package struct SigningKey: MetadataSigner {
  package let key: NamedKey
  private let secret: Curve25519.Signing.PrivateKey

  /// A new one.
  package init(name: String) throws(TrustError) { try self.init(Curve25519.Signing.PrivateKey(), name: name) }

  /// - Parameter seed: 32 bytes.
  package init(seed: [UInt8], name: String) throws(TrustError) {
    guard let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
      throw TrustError(.malformed, "read", "a private key", "expected 32 bytes, got \(seed.count)")
    }
    try self.init(secret, name: name)
  }

  private init(_ secret: Curve25519.Signing.PrivateKey, name: String) throws(TrustError) {
    self.secret = secret
    key = try NamedKey(publicKey: Array(secret.publicKey.rawRepresentation), name: name)
  }

  /// - Throws: also when others than its owner may read it.
  package init(file path: String) throws(TrustError) {
    var attributes = stat()
    if stat(path, &attributes) == 0, attributes.st_mode & 0o077 != 0 {
      throw TrustError(.storage, "read", path, "others may read this private key", remedy: "chmod 600 \(path)")
    }
    guard let bytes = try DurableFile.read(path, maxBytes: 4096) else {
      throw TrustError(.notFound, "read", path, "there is no such file")
    }
    let read = try? SignedJSONParser.parse(bytes)
    guard let text = read?["keyval"]?["private"]?.text, let seed = ModelPackages.bytes(hex: text) else {
      throw TrustError(.malformed, "read", path, "this is no private key", remedy: "make one: thrum-plane keys generate")
    }
    try self.init(seed: seed, name: read?["x-name"]?.text?.string ?? "unnamed")
  }

  /// Writes the key to a new file, mode 0600; never over one that is there.
  package func write(to path: String) throws(TrustError) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw DurableFile.failure("make", path) }
    defer { close(file) }
    let value = SignedJSON(members: [
      "private": .text(UTF8Text(hex(secret.rawRepresentation))), "public": key.object["keyval"]?["public"] ?? .null,
    ])
    try DurableFile.writeAll(key.object.setting("keyval", to: value).canonical + [0x0A], to: file, path)
    guard fsync(file) == 0 else { throw DurableFile.failure("sync", path) }
  }

  package func sign(_ payload: [UInt8], with key: NamedKey) throws(TrustError) -> [UInt8] {
    guard key == self.key else { throw TrustError(.keyID, "sign with", key.name, "the file holds another key") }
    return try sign(payload)
  }

  /// 64 bytes, RFC 8032.
  package func sign(_ payload: [UInt8]) throws(TrustError) -> [UInt8] {
    guard let signature = try? secret.signature(for: payload) else {
      throw TrustError(.storage, "sign with", key.name, "the key does not sign")
    }
    return Array(signature)
  }
}
