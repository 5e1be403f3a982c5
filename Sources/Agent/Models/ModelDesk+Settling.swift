import Anomaly
import Contracts
import ModelPackages
import Signal
import Store
import Synchronization

/// What the ingest thread does with its batches: move models along their road, and take down what the points showed.
extension ModelDesk {
  /// What speaks at a point from now on; `nil`: what the point has learned itself.
  struct Move: Sendable {
    var point: PointID
    var model: LoadedModel?
  }

  /// Before a batch is judged. What moved is in the change, and takes effect at once.
  func settle(points: Set<PointID>, at now: UnixTime, in change: inout Change) -> [Move] {
    let (moves, delivered, reports) = state.withLock { state -> ([Move], ModelsChange, [ModelReport]) in
      guard !state.versions.isEmpty else { return ([], ModelsChange(), []) }
      var settling = Settling(state: state, gateway: settings.gateway, now: now)
      settling.run(points: points)
      state = settling.state
      return (settling.moves, settling.change, settling.reports)
    }
    change.delivered = change.delivered.adding(delivered)
    for report in reports {
      change.occurrences.append(Occurrence(arrival: -1, time: now, subject: "", kind: .modelMoved(report)))
    }
    if !reports.isEmpty { sweep() }
    return moves
  }

  /// After a batch was judged.
  func collect(at now: UnixTime, in change: inout Change) {
    for tap in state.withLock({ Array($0.taps.values) }) {
      let seen = tap.collect(at: now)
      change.delivered.raised += seen.raised
      change.delivered.predictions += seen.decisions
    }
  }

  /// The point's tap, made with its first frame; its trial goes on where it was.
  func tap(of point: PointID) -> PointTap {
    state.withLock { state in
      if let known = state.taps[point] { return known }
      let tap = PointTap(point: point, onWindow: { [weak self] in self?.wake() })
      state.taps[point] = tap
      state.scalars.remove(point)
      state.beginTrial(at: point, keepingEvidence: true)
      return tap
    }
  }

  /// It sends single values: no model is for it.
  func note(scalar point: PointID) {
    state.withLock { state in
      if state.taps[point] == nil, state.scalars.insert(point).inserted { state.hasNews = true }
    }
  }

  /// What speaks at the point; `nil`: what it has learned itself.
  func speaking(at point: PointID) -> LoadedModel? {
    state.withLock { state in state.roads[point]?.speaking.flatMap { state.loaded[$0] } }
  }

  /// Removes packages that nothing may go back to any more. Nothing else may begin to arrive between the look and the removal.
  private func sweep() { state.withLock { shelf.sweep(keeping: $0.wanted) } }
}

extension ModelDesk.State {
  /// The tap counts for what is on trial at its point, or else at work.
  mutating func beginTrial(at point: PointID, keepingEvidence: Bool = false) {
    guard let tap = taps[point] else { return }
    guard let road = roads[point], let digest = road.candidate ?? road.active, let model = loaded[digest] else {
      return tap.begin(nil)
    }
    let stage = road.candidate == nil ? .active : road.stage ?? .shadow
    let needsSamples = model.judge()?.needsSamples ?? true
    tap.begin(
      PointTap.Trial(model: model, stage: stage, needsSamples: needsSamples),
      keepingEvidence ? RoadEvidence(json: road.evidence) : RoadEvidence())
  }
}
