import Anomaly
import Contracts
import ModelPackages
import Signal
import Store

/// One look at all roads: pure, a new state and what it comes to. In order: what was verified, what is revoked or ordered back, who takes
/// part, and what the points have shown.
struct Settling {
  var state: ModelDesk.State
  let gateway: String
  let now: UnixTime
  private(set) var moves: [ModelDesk.Move] = []
  private(set) var change = ModelsChange()
  private(set) var reports: [ModelReport] = []
  private var touched: Set<PointID> = []
  private var goingFirst: [String: Set<PointID>] = [:]

  init(state: ModelDesk.State, gateway: String, now: UnixTime) { (self.state, self.gateway, self.now) = (state, gateway, now) }

  mutating func run(points: Set<PointID>) {
    if isNews(points) {
      takeVerified()
      withdrawRevoked()
      for digest in state.versions.keys.sorted() { followOrders(digest) }
      for digest in state.versions.keys.sorted() { recruit(digest, points) }
    }
    for point in state.roads.keys { judge(point) }
    for digest in state.versions.keys.sorted() { name(digest) }
    write()
  }

  /// Who takes part depends on what came and on which points there are; it is looked at again once in a while, for a point's
  /// windows may become others.
  private mutating func isNews(_ points: Set<PointID>) -> Bool {
    let isDue = state.lookedAt.map { abs(now.seconds(since: $0)) >= Self.lookSeconds } ?? true
    guard isDue || state.hasNews || state.knownPoints != points.count else { return false }
    (state.lookedAt, state.hasNews, state.knownPoints) = (now, false, points.count)
    return true
  }

  private static let lookSeconds = 2.0

  // MARK: what was verified

  private mutating func takeVerified() {
    for (digest, result) in state.verified {
      switch result {
      case .failure(let error): end(digest, .failed, reason: error.kind.rawValue, words: error.description)
      case .success(let model):
        guard state.versions[digest]?.stage == .arrived else { continue }
        state.loaded[digest] = model
        retireOlder(than: digest)
        set(digest, .shadow)
      }
    }
    state.verified = []
  }

  /// Of one model only the newest version is on trial.
  private mutating func retireOlder(than digest: String) {
    guard let newest = state.versions[digest] else { return }
    for other in state.versions.values
    where other.model == newest.model && other.digest != digest && other.serial <= newest.serial {
      let points = state.roads.values.filter { $0.candidate == other.digest }.map(\.point)
      for point in points { change(point) { ($0.candidate, $0.stage) = (nil, nil) } }
      let isAtWork = state.roads.values.contains { $0.active == other.digest }
      if !other.stage.isOver, !isAtWork { set(other.digest, .retired, reason: "replaced", words: "\(newest.name) came") }
    }
  }

  // MARK: orders

  private mutating func withdrawRevoked() {
    for digest in state.revoked.digests where state.versions[digest].map({ $0.stage != .revoked }) ?? false {
      end(digest, .revoked, reason: "revoked", words: "it is revoked")
    }
  }

  private mutating func followOrders(_ digest: String) {
    guard let rollout = state.rollouts[digest], let row = state.versions[digest], !row.stage.isOver else { return }
    if rollout.state == .rollback {
      return end(digest, .rolledBack, reason: "ordered", words: "the rollout says so (serial \(rollout.serial))")
    }
    for road in state.roads.values.sorted(by: { $0.point < $1.point }) where !rollout.points.chooses("\(road.point)") {
      if road.candidate == digest { change(road.point) { ($0.candidate, $0.stage) = (nil, nil) } }
      if road.active == digest { change(road.point) { ($0.active, $0.previous) = ($0.previous, nil) } }
    }
  }

  // MARK: what the points have shown

  private mutating func judge(_ point: PointID) {
    guard let road = state.roads[point], let digest = road.candidate ?? road.active, let rollout = state.rollouts[digest],
      let evidence = state.taps[point]?.evidence
    else { return }
    guard road.candidate != nil else { return judgeActive(point, digest, rollout, evidence) }
    switch rollout.gates.state(evidence, needed: rollout.windows(road.stage)) {
    case .open: return
    case .passed:
      guard rollout.state == .running, state.held == nil, !state.isClockWrong else { return }
      advance(point, road, digest, rollout)
    case .failed:
      guard let failure = rollout.readings(evidence, road.stage).failure else { return }
      end(
        digest, road.stage == .canary ? .rolledBack : .failed, reason: failure.gate.rawValue,
        words: "\(point), \(road.stage?.rawValue ?? "shadow"): \(failure.words)")
    }
  }

  /// At work for good only its time and its numbers are watched: that it raises alarms is what it is for.
  private mutating func judgeActive(_ point: PointID, _ digest: String, _ rollout: Rollout, _ evidence: RoadEvidence) {
    let watched: [GateReading.Gate] = [.p99, .finite]
    guard watched.contains(where: { rollout.gates.state(of: $0, evidence, needed: 0) == .failed }),
      let failure = rollout.readings(evidence, .active).filter({ watched.contains($0.gate) }).failure
    else { return }
    end(digest, .rolledBack, reason: failure.gate.rawValue, words: "\(point), active: \(failure.words)")
  }

  private mutating func advance(_ point: PointID, _ road: ModelRoadRow, _ digest: String, _ rollout: Rollout) {
    let first = first(of: digest, rollout)
    if road.stage == .shadow, first.contains(point) {
      return change(point) { $0.stage = .canary }
    }
    guard road.stage == .canary || hasFinished(first, digest) else { return }
    change(point) { road in
      (road.previous, road.active) = (road.active, digest)
      (road.candidate, road.stage) = (nil, nil)
    }
  }

  /// The points that go first: where the rollout names none of this gateway's, all. Looked up once a run.
  private mutating func first(of digest: String, _ rollout: Rollout) -> Set<PointID> {
    if let known = goingFirst[digest] { return known }
    let chosen = state.roads.keys.filter { rollout.points.chooses("\($0)") }
    let named = chosen.filter { rollout.canaryPoints.chooses("\($0)") }
    let first = Set(named.isEmpty ? chosen : named)
    goingFirst[digest] = first
    return first
  }

  /// Some point that goes first has finished, and none that shows anything is under way.
  private func hasFinished(_ first: Set<PointID>, _ digest: String) -> Bool {
    let roads = first.compactMap { state.roads[$0] }
    return roads.contains { $0.active == digest }
      && !roads.contains { $0.candidate == digest && (state.taps[$0.point]?.evidence.windows ?? 0) > 0 }
  }

  // MARK: parts

  /// The version is over: whatever runs it goes back to the last good one.
  mutating func end(_ digest: String, _ stage: ModelStage, reason: String, words: String) {
    let points = state.roads.values.filter { $0.has(digest) }.map(\.point).sorted()
    for point in points {
      change(point) { road in
        if road.previous == digest { road.previous = nil }
        if road.candidate == digest { (road.candidate, road.stage) = (nil, nil) }
        if road.active == digest { (road.active, road.previous) = (road.previous, nil) }
      }
    }
    let wasAtWork = state.versions[digest].map { [.canary, .active].contains($0.stage) } ?? false
    set(digest, stage == .failed && wasAtWork ? .rolledBack : stage, reason: reason, words: words)
  }

  mutating func change(_ point: PointID, _ body: (inout ModelRoadRow) -> Void) {
    let before = state.roads[point] ?? ModelRoadRow(point: point)
    var road = before
    body(&road)
    state.roads[point] = road
    touched.insert(point)
    state.hasNews = true
    state.beginTrial(at: point)
    guard road.speaking != before.speaking else { return }
    moves.removeAll { $0.point == point }
    moves.append(ModelDesk.Move(point: point, model: road.speaking.flatMap { state.loaded[$0] }))
  }

  private mutating func set(_ digest: String, _ stage: ModelStage, reason: String? = nil, words: String? = nil) {
    guard var row = state.versions[digest], row.stage != stage else { return }
    (row.stage, row.reason, row.words, row.since) = (stage, reason, words, now)
    state.versions[digest] = row
    state.changed.insert(digest)
    reports.append(
      ModelReport(
        model: row.model, version: row.version, sha256: digest, signed: row.isSigned, stage: stage.rawValue, reason: reason,
        words: words))
  }

  /// Told beside its stage, which it leaves as it is.
  mutating func note(_ digest: String, waitingFor words: String?) {
    guard var row = state.versions[digest], row.words != words, words != nil || row.reason == Self.waiting else { return }
    (row.reason, row.words) = (words == nil ? nil : Self.waiting, words)
    state.versions[digest] = row
    state.changed.insert(digest)
  }

  private static let waiting = "waiting"

  /// The stage of the farthest point that is not everybody's.
  private mutating func name(_ digest: String) {
    guard let row = state.versions[digest], [.shadow, .canary, .active].contains(row.stage) else { return }
    let isOnTrial = state.roads.values.contains { $0.candidate == digest && (state.taps[$0.point]?.evidence.windows ?? 0) > 0 }
    if state.roads.values.contains(where: { $0.candidate == digest && $0.stage == .canary }) { return set(digest, .canary) }
    guard state.roads.values.contains(where: { $0.active == digest }) else {
      if row.stage != .shadow, !state.roads.values.contains(where: { $0.candidate == digest }) {
        set(digest, .retired, reason: "replaced", words: "no point runs it any more")
      }
      return
    }
    if !isOnTrial || row.stage == .active { set(digest, .active) }
  }

  /// What changed, and once in a while how far the trials are.
  private mutating func write() {
    let isDue = state.savedAt.map { abs(now.seconds(since: $0)) >= Self.saveSeconds } ?? true
    if isDue {
      state.savedAt = now
      for road in state.roads.values where state.taps[road.point] != nil && road.candidate != nil { touched.insert(road.point) }
    }
    for point in touched.sorted() {
      guard let road = state.roads[point].map(state.withEvidence), road != ModelRoadRow(point: point) || state.roads[point] != nil
      else { continue }
      state.roads[point] = road
      change.roads.append(road)
    }
    change.versions = state.changed.sorted().compactMap { state.versions[$0] }
    state.changed = []
    let used = state.inUse.union(state.versions.values.filter { !$0.stage.isOver }.map(\.digest))
    state.loaded = state.loaded.filter { used.contains($0.key) }
  }

  /// A kill costs a trial no more than this of what it has seen.
  private static let saveSeconds = 10.0
}

extension ModelRoadRow {
  func has(_ digest: String) -> Bool { [candidate, active, previous].contains(digest) }
}
