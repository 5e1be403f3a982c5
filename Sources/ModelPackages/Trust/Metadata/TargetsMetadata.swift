/// The files a role vouches for, and the roles it lets vouch for others.
struct TargetsMetadata {
  let header: Header
  let targets: [UTF8Text: TargetFile]
  /// In order of precedence.
  let delegations: [Delegation]

  init(_ envelope: Envelope, _ policy: TrustPolicy) throws(TrustError) {
    let fields = envelope.signed
    header = try Header(fields, type: .targets)
    targets = try fields.fields("targets").dictionary { path, file throws(TrustError) in try TargetFile(file, path: path) }
    delegations = fields.optional("delegations") == nil ? [] : try Delegation.all(try fields.fields("delegations"), policy)
  }

  func signers(of role: UTF8Text) throws(TrustError) -> Signers {
    guard let delegation = delegations.first(where: { $0.role == role }) else {
      throw TrustError(.malformed, "verify", role, "not delegated")
    }
    return delegation.signers
  }
}

/// A file to be had, as signed metadata describes it.
package struct TargetFile: Sendable, Equatable {
  package let path: UTF8Text
  /// Bytes, from 0.
  package let length: Int64
  package let digests: Digests
  /// What the publisher says about it beyond that; `nil` when nothing.
  package let custom: SignedJSON?

  init(_ fields: Fields, path: UTF8Text) throws(TrustError) {
    self.path = path
    length = try fields.integer("length", from: 0)
    digests = try Digests(try fields.fields("hashes"))
    custom = fields.optional("custom")
  }

  /// The path to ask for in a repository with consistent snapshots: the file's name with its digest before it.
  /// `nil` when the only digests are of unknown kinds.
  package var consistentPath: UTF8Text? {
    guard let digest = digests.name else { return nil }
    let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    return UTF8Text(valid: path.bytes[..<slash] + digest.bytes + [UInt8(ascii: ".")] + path.bytes[slash...])
  }
}
