import Contracts
import ModelPackages

/// Models from a stick, asked for on the local socket.
extension UpdateWatch {
  static func bring(_ call: BringModels, _ updates: UpdateWatch?) async -> Result<BringModels.Reply, CallProblem> {
    guard let updates else {
      return .failure(
        CallProblem(
          .conflict, BringModels.name, call.folder, reason: "this gateway was told no root to believe",
          remedy: "set root_file of [models]"))
    }
    return await withCheckedContinuation { answer in
      do throws(OwnThread.ThreadError) {
        try OwnThread.start(name: "bring") { answer.resume(returning: updates.brought(call)) }
      } catch { answer.resume(returning: .failure(CallProblem(.unavailable, BringModels.name, "", reason: "\(error)"))) }
    }
  }

  private func brought(_ call: BringModels) -> Result<BringModels.Reply, CallProblem> {
    do throws(TrustError) {
      let outcome = try bring(from: call.folder)
      return .success(
        BringModels.Reply(
          rollouts: outcome.rollouts, packages: outcome.packages, failures: outcome.failures.map(\.description)))
    } catch {
      return .failure(CallProblem(.conflict, BringModels.name, call.folder, reason: "\(error.kind.rawValue): \(error)"))
    }
  }
}
