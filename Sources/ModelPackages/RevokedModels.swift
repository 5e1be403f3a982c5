/// Packages that must not run any more, not even as what a rollback goes back to: `models/revoked.json`.
package struct RevokedModels: Sendable, Equatable {
  /// Only rises.
  package let serial: Int64
  /// SHA-256 of packages, lower-case hex.
  package let digests: Set<String>

  package init(serial: Int64, digests: Set<String>) { (self.serial, self.digests) = (serial, digests) }

  package init(decoding bytes: [UInt8]) throws(TrustError) {
    guard bytes.count <= Self.mostBytes else { throw TrustError(.tooLong, "read", "revoked.json", "\(bytes.count) bytes") }
    let fields = try Fields(json: bytes, .file("revoked.json"))
    try fields.requireOnly(["format", "serial", "digests"])
    _ = try fields.integer("format", 1...1)
    serial = try fields.integer("serial", 1...Int64.max)
    let texts = try fields.texts("digests")
    guard texts.allSatisfy({ $0.bytes.count == 64 && $0.isHex }) else {
      throw fields.malformed("digests", "expected SHA-256 in lower-case hex")
    }
    digests = Set(texts.map(\.string))
  }

  package static let mostBytes = 1 << 20

  package func encoded() -> [UInt8] {
    SignedJSON.members([
      ("format", .integer(1)), ("serial", .integer(serial)),
      ("digests", .array(digests.sorted().map { .text(UTF8Text($0)) })),
    ]).canonical
  }
}
