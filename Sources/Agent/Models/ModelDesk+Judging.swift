import Anomaly
import Contracts
import ModelPackages
import Signal
import Synchronization

/// What the thread of models does: verify what arrived, judge the windows that wait for a model in shadow.
extension ModelDesk {
  /// - Returns: whether the ingest loop has something to settle.
  func workOff(asksConfirmed: Bool) -> Bool {
    var hasNews = false
    while let digest = state.withLock({ $0.unverified.first }) {
      let result = verify(digest)
      state.withLock { state in
        state.unverified.removeAll { $0 == digest }
        state.verified.append((digest, result))
        state.hasNews = true
      }
      hasNews = true
    }
    let trials = state.withLock { $0.taps.values.filter { $0.trial?.stage == .shadow } }
    for tap in trials { judgeWaiting(tap) }
    if asksConfirmed, !trials.isEmpty { judgeConfirmed(trials) }
    return hasNews
  }

  private func verify(_ digest: String) -> Result<LoadedModel, PackageError> {
    let known = state.withLock { state in
      state.versions[digest].flatMap { row in state.rollouts[digest].map { (row, $0) } }
    }
    guard let (row, rollout) = known else { return .failure(PackageError(.storage, "package", "its rollout does not read")) }
    do throws(PackageError) {
      let package = try shelf.load(digest)
      guard package.card.model == rollout.model, package.card.version == rollout.version else {
        throw PackageError(.malformed, "card", "it is the card of \(package.card.model) \(package.card.version)")
      }
      guard package.card.runs(on: settings.version) else {
        throw PackageError(.tooOld, "model", "it needs Thrum \(package.card.leastThrum), this is \(settings.version)")
      }
      _ = try GoldenReplay.run(package, limits: rollout.gates.limits, nanoseconds: ThreadClock.nanoseconds)
      return .success(LoadedModel(package, rollout, isSigned: row.isSigned))
    } catch { return .failure(error) }
  }

  private func judgeWaiting(_ tap: PointTap) {
    guard let (trial, waiting) = tap.takeWaiting(), let judge = trial.model.judge() else { return }
    for window in waiting {
      let judgement = window.features.withUnsafeBufferPointer { features in
        judge.judge(features, speedRPM: window.speedRPM) { window.samples }
      }
      tap.count(trial.model.digest) {
        $0.count(judgement, nanoseconds: judge.tookNanoseconds, trial.model.limits, window.reference)
      }
    }
  }

  /// Anew each time: what people have confirmed may have become more.
  private func judgeConfirmed(_ trials: [PointTap]) {
    let windows = confirmedWindows()
    for tap in trials {
      guard let trial = tap.trial, let inputs = try? DeliveredInputs(trial.model.model) else { continue }
      var (asked, found) = (0, 0)
      for window in windows where window.point == tap.point && trial.model.model.shape.hasWindows(of: window.shape) {
        guard let values = try? window.samples.withUnsafeBufferPointer({ try inputs.values($0) }) else { continue }
        asked += 1
        if let score = trial.model.model.judge(values, speedRPM: window.speedRPM).score, score.joint >= 1 { found += 1 }
      }
      tap.count(trial.model.digest) { ($0.confirmed, $0.confirmedFound) = (asked, found) }
    }
  }
}
