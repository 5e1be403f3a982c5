/// How strict the verifier is, and what it bounds.
package struct TrustPolicy: Sendable {
  /// What a key's id must be.
  package enum KeyIDs: Sendable {
    /// SHA-256 of the key's canonical JSON, as the specification says (section 4.2).
    case computed
    /// Whatever the metadata calls it. Repositories older than the rule need it.
    case declared
  }

  package var keyIDs: KeyIDs
  package var schemes: [any SignatureScheme]
  package var limits: TrustLimits

  package init(keyIDs: KeyIDs = .computed, schemes: [any SignatureScheme] = [Ed25519()], limits: TrustLimits = TrustLimits()) {
    self.keyIDs = keyIDs
    self.schemes = schemes
    self.limits = limits
  }

  package static let shipped = TrustPolicy()
}

/// Upper bounds where signed metadata says nothing smaller.
package struct TrustLimits: Sendable {
  package var rootBytes = 64 << 10
  package var timestampBytes = 16 << 10
  package var snapshotBytes = 256 << 10
  package var targetsBytes = 1 << 20
  /// New roots taken in one update.
  package var rootRotations = 256
  /// Delegated roles looked into for one target.
  package var delegations = 8
  package var targetBytes = 32 << 20

  package init() {}

  /// The most bytes of a role's metadata.
  func bytes(of role: UTF8Text) -> Int {
    switch role {
    case .root: rootBytes
    case .timestamp: timestampBytes
    case .snapshot: snapshotBytes
    default: targetsBytes
    }
  }
}

extension UTF8Text {
  package static let root: UTF8Text = "root"
  package static let timestamp: UTF8Text = "timestamp"
  package static let snapshot: UTF8Text = "snapshot"
  package static let targets: UTF8Text = "targets"

  static let topLevelRoles: [UTF8Text] = [.root, .timestamp, .snapshot, .targets]

  /// The metadata file of the role with this name, as snapshot and timestamp list it.
  var fileName: UTF8Text { UTF8Text(valid: bytes + ".json".utf8) }
}
