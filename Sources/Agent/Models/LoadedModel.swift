import Anomaly
import Contracts
import ModelPackages

/// A delivered model, ready to judge.
struct LoadedModel: Sendable {
  let digest: String
  /// `pumps 1.2.0`, and that nobody has signed it.
  let name: String
  let model: DeliveredModel
  /// The smaller of what its package and its rollout allow.
  let limits: PackageLimits

  init(_ package: ModelPackage, _ rollout: Rollout, isSigned: Bool) {
    digest = package.digest
    name = "\(package.card.model) \(package.card.version)\(isSigned ? "" : " (unsigned)")"
    model = package.model
    limits = package.limits.smaller(rollout.gates.limits)
  }

  /// `nil` for features that this Thrum does not measure.
  func judge() -> DeliveredJudge? { try? DeliveredJudge(name: name, model, nanoseconds: ThreadClock.nanoseconds) }
}

extension Rollout.Gates {
  var limits: PackageLimits { PackageLimits(maxP99Microseconds: maxP99Microseconds, maxBytes: maxBytes) }
}
