import ModelPackages
import Synchronization

/// Verified rollouts and packages go to the models of this gateway.
extension ModelDesk: ModelArrivals {
  func needsPackage(of rollout: Rollout) -> Bool {
    let isWelcome = state.withLock { (try? $0.check(rollout.sha256, rollout, true)) != nil }
    return isWelcome && !has(digest: rollout.sha256)
  }

  /// What this gateway has refused for good stays refused, and stands in the report; a serial that went back is an attack, or a plane from
  /// a backup.
  func offer(packageAt path: String?, rollout: Rollout, isTimeCertain: Bool) throws {
    hold(isTimeCertain ? nil : "clock")
    do throws(PackageError) { try offer(packageAt: path, digest: rollout.sha256, rollout: rollout) } catch {
      switch error.kind {
      case .alreadyFailed, .revoked: return
      case .rolledBack: throw TrustError(.rollback, "take", "\(rollout.model) \(rollout.version)", error.reason)
      case .storage: throw TrustError(.storage, "take", "\(rollout.model) \(rollout.version)", error.reason)
      default: throw TrustError(.mismatch, "take", "\(rollout.model) \(rollout.version)", error.description)
      }
    }
  }
}
