import ModelPackages
import Signal

/// One update: metadata, the revoked list, this fleet's rollouts, the packages this gateway takes part in. What is verified goes to the
/// arrivals; what fails leaves everything that came before it.
struct UpdateCycle {
  let folder: UpdateFolder
  let fleet: String
  let gateway: String
  /// The root that was installed with the gateway.
  let root: [UInt8]
  let arrivals: any ModelArrivals
  /// `nil`: none that is believed.
  let clock: UnixTime?

  struct Outcome: Sendable, Equatable {
    /// Rollouts that were offered.
    var rollouts = 0
    var packages = 0
    /// One model's trouble does not keep others from their update.
    var failures: [TrustError] = []
  }

  /// No clock before this: when this program was written.
  static let programTime = UnixTime(seconds: 1_795_737_600)  // 2026-11-27

  func run(from source: some RepositorySource) throws(TrustError) -> Outcome {
    try folder.prepare()
    var updater = try Updater(
      store: MetadataFolder(folder.trust), initialRoot: root, time: ReferenceTime(clock: clock, floor: Self.programTime)
    ) { request throws(TrustError) in try source.metadata(request) }
    try updater.refresh()
    var (outcome, named): (Outcome, [TargetFile]) = (Outcome(), [])
    if let target = try updater.find("models/revoked.json") {
      named.append(target)
      try revoke(target, updater, source)
    }
    for path in try updater.paths(in: UTF8Text("fleet/\(fleet)/rollouts/")) {
      do throws(TrustError) { named += try take(path, &updater, source, &outcome) } catch {
        if error.kind == .unreachable || error.kind == .storage { throw error }
        outcome.failures.append(error)
      }
    }
    folder.keep(named)
    return outcome
  }

  private func revoke(_ target: TargetFile, _ updater: borrowing Updater, _ source: some RepositorySource) throws(TrustError) {
    let bytes = try small(target, updater.isConsistentSnapshot, source)
    try storing { try arrivals.revoke(try RevokedModels(decoding: bytes)) }
  }

  /// - Returns: the targets it needs to keep.
  private func take(
    _ path: UTF8Text, _ updater: inout Updater, _ source: some RepositorySource, _ outcome: inout Outcome
  ) throws(TrustError) -> [TargetFile] {
    guard let target = try updater.find(path) else { return [] }
    let rollout = try Rollout(decoding: try small(target, updater.isConsistentSnapshot, source))
    guard path == UTF8Text("fleet/\(fleet)/rollouts/\(rollout.model).json") else {
      throw TrustError(.mismatch, "read", path, "it is the rollout of \(rollout.model)")
    }
    // One that has it goes on hearing of it, also when the share becomes smaller.
    let needs = arrivals.needsPackage(of: rollout)
    let takesPart = rollout.includes(gateway: gateway)
    let package = needs && takesPart && rollout.state == .running ? try package(of: rollout, &updater) : nil
    let file = try package.map { package throws(TrustError) in
      try folder.bring(package, isConsistentSnapshot: updater.isConsistentSnapshot, from: source)
    }
    // Without its package a rollout is nothing to whom it is new.
    if file != nil || !needs {
      let isCertain = !updater.time.isUncertain
      try storing { try arrivals.offer(packageAt: file, rollout: rollout, isTimeCertain: isCertain) }
      outcome.rollouts += 1
      outcome.packages += file == nil ? 0 : 1
    }
    return [target]
  }

  /// The package as targets' own role signed for it: a fleet's role speaks only for which of them runs.
  private func package(of rollout: Rollout, _ updater: inout Updater) throws(TrustError) -> TargetFile {
    guard let target = try updater.find(UTF8Text(rollout.package)) else {
      throw TrustError(.notFound, "find", rollout.package, "rolled out, but not published")
    }
    guard target.digests.name == UTF8Text(rollout.sha256), target.length == rollout.length else {
      throw TrustError(.mismatch, "find", rollout.package, "the rollout means another file than targets signed for")
    }
    return target
  }

  /// Of lists and rollouts.
  private static let smallBytes: Int64 = 1 << 20

  private func small(_ target: TargetFile, _ isConsistent: Bool, _ source: some RepositorySource) throws(TrustError) -> [UInt8] {
    guard target.length <= Self.smallBytes else { throw TrustError(.tooLong, "fetch", target.path, "\(target.length) bytes") }
    if let here = folder.staged(target) { return here }
    _ = try folder.bring(target, isConsistentSnapshot: isConsistent, from: source)
    guard let bytes = folder.staged(target) else { throw TrustError(.storage, "read", target.path, "not as it was written") }
    return bytes
  }

  private func storing(_ body: () throws -> Void) throws(TrustError) {
    do { try body() } catch let error as TrustError { throw error } catch {
      throw TrustError(.storage, "hand over", "to the models", "\(error)")
    }
  }
}
