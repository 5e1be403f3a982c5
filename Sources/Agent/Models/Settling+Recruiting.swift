import Anomaly
import Contracts
import ModelPackages
import Signal

/// Which points take part in a version's trial.
extension Settling {
  /// Points that it is for begin with the shadow.
  mutating func recruit(_ digest: String, _ points: Set<PointID>) {
    guard let rollout = state.rollouts[digest], let row = state.versions[digest], rollout.state == .running,
      state.loaded[digest] != nil, [.shadow, .canary, .active].contains(row.stage), isNewest(row),
      rollout.includes(gateway: gateway)
    else { return }
    let chosen = points.sorted().filter { rollout.points.chooses("\($0)") }
    switch standing(chosen, digest) {
    case .differs(let words):
      return end(digest, .failed, reason: PackageError.Kind.featureContract.rawValue, words: words)
    case .waits(let words): return note(digest, waitingFor: words)
    case .fits: note(digest, waitingFor: nil)
    }
    for point in chosen {
      let road = state.roads[point] ?? ModelRoadRow(point: point)
      guard road.candidate == nil, road.active != digest, road.previous != digest, fits(point, digest) else { continue }
      change(point) { ($0.candidate, $0.stage) = (digest, .shadow) }
    }
  }

  private func isNewest(_ row: ModelVersionRow) -> Bool {
    !state.versions.values.contains {
      $0.model == row.model && $0.serial > row.serial && !$0.stage.isOver && $0.stage != .arrived
    }
  }

  /// What the chosen points' windows say of a version.
  private enum Standing {
    /// Some point can run it, or has run it and was not heard since the start.
    case fits
    /// None of those that have sent can; others may yet.
    case waits(String)
    /// All have sent, and none can.
    case differs(String)
  }

  /// Until a point has sent, its windows are not known: after a start, of none. Scalars never have any.
  private func standing(_ chosen: [PointID], _ digest: String) -> Standing {
    guard let model = state.loaded[digest]?.model else { return .fits }
    var (difference, unheard): (String?, [PointID]) = (nil, [])
    for point in chosen where !state.scalars.contains(point) {
      guard let shape = state.taps[point]?.shape else {
        unheard.append(point)
        continue
      }
      if model.shape.hasWindows(of: shape) { return .fits }
      difference = difference ?? "\(point): it is for \(model.shape.windowWords), here come \(shape.windowWords)"
    }
    if unheard.contains(where: { state.roads[$0]?.has(digest) ?? false }) { return .fits }
    if let difference, unheard.isEmpty { return .differs(difference) }
    return .waits(waitingWords(difference, unheard))
  }

  private func waitingWords(_ difference: String?, _ unheard: [PointID]) -> String {
    let named = unheard.prefix(3).map(\.description).joined(separator: ", ")
    let more = unheard.count > 3 ? " and \(unheard.count - 3) more" : ""
    let missing = unheard.isEmpty ? "its rollout chooses none that sends samples" : "nothing came yet from \(named)\(more)"
    return ["no point runs it yet", missing, difference].compactMap { $0 }.joined(separator: "; ")
  }

  /// A point whose windows are others than the model's is none of its points.
  private func fits(_ point: PointID, _ digest: String) -> Bool {
    guard let shape = state.taps[point]?.shape, let model = state.loaded[digest]?.model else { return false }
    return model.shape.hasWindows(of: shape)
  }
}

extension ModelShape {
  fileprivate var windowWords: String { "windows of \(windowSamples) samples at \(sampleRateHz.short) Hz in \(unit.rawValue)" }
}
