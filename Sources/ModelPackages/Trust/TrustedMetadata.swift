import Signal

/// Metadata that was verified, each by what stands before it: root, timestamp, snapshot, targets, delegated targets. A step that
/// throws changes nothing. No files, no network, no clock: the time is handed in.
struct TrustedMetadata {
  private(set) var root: RootMetadata
  private(set) var timestamp: TimestampMetadata?
  private(set) var snapshot: SnapshotMetadata?
  /// By who delegated to it too: what one role vouches for another need not.
  private var targets: [Delegated: TargetsMetadata] = [:]
  private(set) var time: ReferenceTime
  private let policy: TrustPolicy

  private struct Delegated: Hashable {
    let role: UTF8Text
    let delegator: UTF8Text
  }

  /// - Parameter root: what is trusted to begin with; verified by itself, its expiry does not matter.
  init(root bytes: [UInt8], time: ReferenceTime, policy: TrustPolicy) throws(TrustError) {
    let envelope = try Envelope(bytes, name: "root.json")
    root = try RootMetadata(envelope, policy)
    try root.signers(of: .root).verify(envelope, policy)
    self.time = time
    self.policy = policy
  }

  func targets(_ role: UTF8Text, delegatedBy delegator: UTF8Text) -> TargetsMetadata? {
    targets[Delegated(role: role, delegator: delegator)]
  }

  func requireFresh(_ header: Header, _ name: some CustomStringConvertible) throws(TrustError) {
    guard !header.expires.isPast(at: time.now) else {
      throw TrustError(
        .expired, "verify", name, "expired at \(header.expires), it is \(time.now.rfc3339)",
        remedy: "if that is not the time, set the gateway's clock")
    }
  }

  private func verified(_ bytes: [UInt8], _ role: UTF8Text) throws(TrustError) -> Envelope {
    let envelope = try Envelope(bytes, name: role.fileName)
    try root.signers(of: role).verify(envelope, policy)
    return envelope
  }
}

// The steps of one update, in order (specification, sections 5.3 to 5.6).
extension TrustedMetadata {
  /// - Returns: whether keys of timestamp or snapshot went: then what they signed is forgotten, for it may be an attacker's.
  mutating func updateRoot(_ bytes: [UInt8]) throws(TrustError) -> Bool {
    let envelope = try verified(bytes, .root)
    let next = try RootMetadata(envelope, policy)
    guard next.header.version == root.header.version + 1 else {
      throw TrustError(.rollback, "verify", "root", "version \(next.header.version), expected \(root.header.version + 1)")
    }
    try next.signers(of: .root).verify(envelope, policy)
    let isRotated = root.isRotated(.timestamp, in: next) || root.isRotated(.snapshot, in: next)
    root = next
    return isRotated
  }

  /// Our own timestamp of an earlier update: the floor under versions and under the time, expired or not.
  mutating func loadTimestamp(_ bytes: [UInt8]) throws(TrustError) {
    let loaded = try TimestampMetadata(try verified(bytes, .timestamp))
    timestamp = loaded
    time.raiseFloor(to: loaded.issued)
  }

  /// - Returns: false when it has the version of the one we have: that one stays, whatever this one says.
  mutating func updateTimestamp(_ bytes: [UInt8]) throws(TrustError) -> Bool {
    let next = try TimestampMetadata(try verified(bytes, .timestamp))
    if let timestamp {
      guard next.header.version != timestamp.header.version else { return false }
      try Self.requireNotLower(next.header.version, timestamp.header.version, "timestamp")
      try Self.requireNotLower(next.snapshot.version, timestamp.snapshot.version, "snapshot")
    }
    try requireFresh(next.header, "timestamp")
    timestamp = next
    time.raiseFloor(to: next.issued)
    return true
  }

  private static func requireNotLower(_ version: Int64, _ known: Int64, _ role: String) throws(TrustError) {
    guard version >= known else { throw TrustError(.rollback, "verify", role, "version \(version), was \(known)") }
  }

  /// Our own snapshot of an earlier update: the floor under the versions it lists.
  /// - Returns: whether it is the one that the timestamp names, and fresh.
  mutating func loadSnapshot(_ bytes: [UInt8]) throws(TrustError) -> Bool {
    let loaded = try SnapshotMetadata(try verified(bytes, .snapshot))
    snapshot = loaded
    do {
      try checkSnapshot(loaded, bytes)
      return true
    } catch { return false }
  }

  mutating func updateSnapshot(_ bytes: [UInt8]) throws(TrustError) {
    let listing = try currentTimestamp().snapshot
    try listing.check(bytes, name: "snapshot.json")
    let next = try SnapshotMetadata(try verified(bytes, .snapshot))
    try checkSnapshot(next, bytes)
    if let snapshot { try next.checkNotOlder(than: snapshot) }
    snapshot = next
  }

  private func checkSnapshot(_ snapshot: SnapshotMetadata, _ bytes: [UInt8]) throws(TrustError) {
    let listing = try currentTimestamp().snapshot
    try listing.check(bytes, name: "snapshot.json")
    try Self.requireVersion(snapshot.header.version, listing.version, "snapshot")
    try requireFresh(snapshot.header, "snapshot")
  }

  private static func requireVersion(_ version: Int64, _ listed: Int64, _ role: some CustomStringConvertible) throws(TrustError) {
    guard version == listed else { throw TrustError(.mismatch, "verify", role, "version \(version), expected \(listed)") }
  }

  private func currentTimestamp() throws(TrustError) -> TimestampMetadata {
    guard let timestamp else { throw TrustError(.notFound, "verify", "snapshot", "no timestamp before it") }
    return timestamp
  }

  /// What the snapshot says about a role's metadata.
  func listing(of role: UTF8Text) throws(TrustError) -> FileListing {
    guard let listing = snapshot?.files[role.fileName] else {
      throw TrustError(.notFound, "find", role, "not in the snapshot")
    }
    return listing
  }

  /// The same for what we have kept and for what has come: the snapshot says which it must be.
  mutating func updateTargets(
    _ bytes: [UInt8], role: UTF8Text, delegatedBy delegator: UTF8Text, _ signers: Signers
  ) throws(TrustError) -> TargetsMetadata {
    let listing = try listing(of: role)
    try listing.check(bytes, name: role.fileName)
    let envelope = try Envelope(bytes, name: role.fileName)
    try signers.verify(envelope, policy)
    let next = try TargetsMetadata(envelope, policy)
    try Self.requireVersion(next.header.version, listing.version, role)
    try requireFresh(next.header, role)
    targets[Delegated(role: role, delegator: delegator)] = next
    return next
  }
}
