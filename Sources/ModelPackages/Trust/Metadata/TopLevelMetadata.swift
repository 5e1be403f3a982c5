import Signal

/// The keys and thresholds of the four roles.
struct RootMetadata {
  let header: Header
  let isConsistentSnapshot: Bool
  private let signers: [UTF8Text: Signers]

  init(_ envelope: Envelope, _ policy: TrustPolicy) throws(TrustError) {
    let fields = envelope.signed
    header = try Header(fields, type: .root)
    isConsistentSnapshot = fields.optional("consistent_snapshot") == nil ? false : try fields.flag("consistent_snapshot")
    let keys = try fields.keys(policy)
    let roles = try fields.fields("roles")
    signers = try roles.dictionary { _, role throws(TrustError) in try Signers(role, keys: keys) }
    guard Set(signers.keys) == Set(UTF8Text.topLevelRoles) else {
      throw fields.malformed("roles", "expected root, timestamp, snapshot and targets")
    }
  }

  func signers(of role: UTF8Text) throws(TrustError) -> Signers {
    guard let signers = signers[role] else { throw TrustError(.malformed, "verify", role, "root does not name this role") }
    return signers
  }

  /// Keys of this root that sign the role no longer in `next`.
  func isRotated(_ role: UTF8Text, in next: RootMetadata) -> Bool {
    !(signers[role]?.keyIDs ?? []).isSubset(of: next.signers[role]?.keyIDs ?? [])
  }
}

/// Which snapshot is the newest.
struct TimestampMetadata {
  let header: Header
  let snapshot: FileListing
  /// When the plane signed it (`x-issued`), the lower bound of the time it is; `nil` without, or when it is no time before `expires`.
  let issued: UnixTime?

  init(_ envelope: Envelope) throws(TrustError) {
    let fields = envelope.signed
    header = try Header(fields, type: .timestamp)
    let meta = try fields.fields("meta")
    snapshot = try FileListing(try meta.fields(UTF8Text.snapshot.fileName))
    guard meta.members.count == 1 else { throw fields.malformed("meta", "expected snapshot.json alone") }
    issued = Self.issued(fields, before: header.expires)
  }

  private static func issued(_ fields: Fields, before expires: Expiry) -> UnixTime? {
    guard case .text(let text) = fields.optional("x-issued"), Expiry(text) != nil, let time = UnixTime(rfc3339: text.string),
      !expires.isPast(at: time)
    else { return nil }
    return time
  }
}

/// The version of every targets metadata there is, at one moment.
struct SnapshotMetadata {
  let header: Header
  let files: [UTF8Text: FileListing]

  init(_ envelope: Envelope) throws(TrustError) {
    header = try Header(envelope.signed, type: .snapshot)
    files = try envelope.signed.fields("meta").dictionary { _, file throws(TrustError) in try FileListing(file) }
  }

  /// Throws when a file that `older` lists has gone, or has a lower version here.
  func checkNotOlder(than older: SnapshotMetadata) throws(TrustError) {
    for (name, listing) in older.files {
      let version = files[name]?.version
      guard let version, version >= listing.version else {
        let now = version.map { "version \($0)" } ?? "gone"
        throw TrustError(.rollback, "verify", "snapshot", "\(name) is \(now), was version \(listing.version)")
      }
    }
  }
}

/// What snapshot or timestamp say about another metadata file.
struct FileListing {
  let version: Int64
  let length: Int64?
  let digests: Digests?

  init(_ fields: Fields) throws(TrustError) {
    version = try fields.integer("version", from: 1)
    length = fields.optional("length") == nil ? nil : try fields.integer("length", from: 0)
    digests = fields.optional("hashes") == nil ? nil : try Digests(try fields.fields("hashes"))
  }

  /// Throws when the bytes are not those that are listed, as far as the listing tells.
  func check(_ bytes: [UInt8], name: UTF8Text) throws(TrustError) {
    if let length, length != bytes.count {
      throw TrustError(.mismatch, "verify", name, "\(bytes.count) bytes, expected \(length)")
    }
    if let fault = digests?.fault(bytes) { throw TrustError(.mismatch, "verify", name, fault) }
  }
}
