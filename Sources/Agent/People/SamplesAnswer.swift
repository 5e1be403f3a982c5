import Anomaly
import Contracts
import Signal

/// Somebody wants to see a point's samples: read from its worker, past the ingest loop, which may wait for a store that refuses.
extension [PointWorker] {
  /// A worker may be judging frames: waited for on a thread of its own.
  func answer(_ call: NewestSamples) async -> Result<NewestSamples.Reply, CallProblem> {
    await withCheckedContinuation { (asker: CheckedContinuation<Result<NewestSamples.Reply, CallProblem>, Never>) in
      do throws(OwnThread.ThreadError) {
        try OwnThread.start(name: "look") { asker.resume(returning: newestSamples(of: call.point)) }
      } catch {
        asker.resume(returning: .failure(CallProblem(.unavailable, NewestSamples.name, call.point, reason: "\(error)")))
      }
    }
  }

  private func newestSamples(of name: String) -> Result<NewestSamples.Reply, CallProblem> {
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, case let point = PointID(machine: String(parts[0]), point: String(parts[1])),
      let latest = self[PointWorkers.index(of: point.machine, among: count)].latestSamples(of: point, atMost: Self.mostSamples)
    else { return .failure(.noSamples(NewestSamples.name, of: name)) }
    return .success(
      NewestSamples.Reply(
        unit: latest.unit.rawValue, sampleRateHz: latest.sampleRateHz, time: latest.time, speedRpm: latest.speedRPM,
        bearing: latest.bearing, samples: latest.samples))
  }

  /// 256 KiB; two seconds and a half at 25.6 kHz.
  static var mostSamples: Int { 65_536 }
}

extension CallProblem {
  static func noSamples(_ operation: String, of point: String) -> Self {
    let reason = "no samples are at hand: none came since the start of thrumd, after a gap, or it is no vibration"
    return Self(.conflict, operation, point, reason: reason, remedy: "wait for the next frame")
  }
}
