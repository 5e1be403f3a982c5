import ModelPackages

/// Where verified rollouts and packages go: the gateway's models. Called by the updating thread alone.
package protocol ModelArrivals: Sendable {
  /// Whether the bytes of its package are wanted: not when they are here already, nor when this version failed here.
  func needsPackage(of rollout: Rollout) -> Bool
  /// What is to become of a model's version. Durable before it returns.
  /// - Parameters:
  ///   - path: of the package, verified; theirs to copy. `nil` when it was not wanted.
  ///   - isTimeCertain: false: the gateway has no clock that it would believe, nothing new should be activated.
  func offer(packageAt path: String?, rollout: Rollout, isTimeCertain: Bool) throws
  /// Packages that must not run any more. Durable before it returns.
  func revoke(_ revoked: RevokedModels) throws
  /// For `up/reported`.
  var report: ModelsReport { get }
}
