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

  /// Points that it is for begin with the shadow.
  private mutating func recruit(_ digest: String, _ points: Set<PointID>) {
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
  private mutating func end(_ digest: String, _ stage: ModelStage, reason: String, words: String) {
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

  private mutating func change(_ point: PointID, _ body: (inout ModelRoadRow) -> Void) {
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
  private mutating func note(_ digest: String, waitingFor words: String?) {
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
  fileprivate func has(_ digest: String) -> Bool { [candidate, active, previous].contains(digest) }
}

extension ModelShape {
  fileprivate var windowWords: String { "windows of \(windowSamples) samples at \(sampleRateHz.short) Hz in \(unit.rawValue)" }
}
