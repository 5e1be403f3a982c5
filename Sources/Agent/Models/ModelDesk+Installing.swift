import Contracts
import ModelPackages
import Store
import Synchronization

/// Packages without a signature, asked for on the local socket.
extension ModelDesk {
  static func install(_ call: InstallModel, by caller: Caller, _ models: ModelDesk) async -> Result<
    InstallModel.Reply, CallProblem
  > {
    guard models.settings.allowsUnsigned else {
      return .failure(
        CallProblem(
          .forbidden, InstallModel.name, call.file, reason: "nobody has signed it, and this gateway takes signed models only",
          remedy: "bring the repository's folder: thrum model bring DIR; or set allow_unsigned = true of [models]"))
    }
    return await withCheckedContinuation { answer in
      do throws(OwnThread.ThreadError) {
        try OwnThread.start(name: "install") { answer.resume(returning: models.install(call, by: caller)) }
      } catch { answer.resume(returning: .failure(CallProblem(.unavailable, InstallModel.name, "", reason: "\(error)"))) }
    }
  }

  private func install(_ call: InstallModel, by caller: Caller) -> Result<InstallModel.Reply, CallProblem> {
    guard let points = Selector(call.points), !points.isEmpty else {
      return .failure(CallProblem(.invalid, InstallModel.name, "points", reason: "expected patterns machine/point"))
    }
    do throws(PackageError) {
      let package = try shelf.look(at: call.file)
      let (model, version) = (package.card.model, package.card.version)
      let serial = state.withLock { $0.versions.values.filter { $0.model == model }.map(\.serial).max() ?? 1 }
      let rollout = Rollout(
        serial: serial, model: model, version: version, sha256: package.digest, length: Int64(package.byteCount), points: points,
        shadowWindows: Int64(call.shadowWindows), canaryWindows: Int64(call.canaryWindows))
      let audit = AuditRow(call, by: caller, at: .now())
      try offer(packageAt: call.file, digest: package.digest, rollout: rollout, isSigned: false, audit: audit)
      return .success(InstallModel.Reply(model: model, version: version, sha256: package.digest))
    } catch {
      return .failure(CallProblem(.conflict, InstallModel.name, call.file, reason: "\(error.kind.rawValue): \(error)"))
    }
  }
}
