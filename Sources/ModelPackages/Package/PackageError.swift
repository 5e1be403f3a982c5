/// A model's package is not what it says it is, or must not run here.
package struct PackageError: Error, Equatable, CustomStringConvertible {
  package var kind: Kind
  package var object: String
  package var reason: String

  /// The reason that a machine reads.
  package enum Kind: String, Sendable, CaseIterable {
    /// Bytes that no package is made of.
    case malformed
    /// Not the digest that stands behind it, or that was signed for.
    case digest
    /// More bytes than a package may have.
    case tooLarge = "too_large"
    /// Features, window, rate or unit that are not the model's own, or that this Thrum or this point does not measure.
    case featureContract = "feature_contract"
    /// A golden window's features are others on this machine.
    case goldenFeatures = "golden_features"
    /// A golden window's score is another on this machine.
    case goldenScore = "golden_score"
    /// A golden window is faulty and looks healthy to it, or the other way round.
    case goldenVerdict = "golden_verdict"
    /// A score that is no number.
    case notFinite = "not_finite"
    case overTime = "over_time"
    case overMemory = "over_memory"
    /// A rollout's serial lower than one known.
    case rolledBack = "rolled_back_metadata"
    case alreadyFailed = "already_failed"
    case revoked
    /// Our own files.
    case storage
    /// It needs a newer Thrum.
    case tooOld = "needs_newer_thrum"
  }

  package init(_ kind: Kind, _ object: String, _ reason: String) {
    (self.kind, self.object, self.reason) = (kind, object, reason)
  }

  package var description: String { "\(object): \(reason)" }
}
