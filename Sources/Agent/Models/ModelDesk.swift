import Anomaly
import Contracts
import Dispatch
import Glibc
import ModelPackages
import Signal
import Store
import Synchronization

/// The road of delivered models on this gateway: arrived, verified with golden windows, in shadow, canary, active; and back.
/// Packages come in on any thread; they are verified, and judge in shadow, on a thread of their own; what speaks at a point is changed
/// by the ingest thread alone, between two frames, in the transaction of a batch.
final class ModelDesk: BlockingWork {
  let state: Mutex<State>
  let shelf: PackageShelf
  let settings: Settings
  private let commit: @Sendable (Change) throws(StoreError) -> Void
  let confirmedWindows: @Sendable () -> [RaisedWindow]
  private let onNews: @Sendable () -> Void
  private let work = DispatchSemaphore(value: 0)
  private let stopping = StopFlag()

  struct Settings: Sendable {
    /// This gateway's name within its fleet.
    var gateway: String
    /// This program's.
    var version: String
    /// `allow_unsigned` of `[models]`.
    var allowsUnsigned = false
  }

  /// Everything that is known of delivered models.
  struct State {
    /// By digest.
    var versions: [String: ModelVersionRow] = [:]
    var rollouts: [String: Rollout] = [:]
    var roads: [PointID: ModelRoadRow] = [:]
    var revoked = RevokedRow(serial: 0, digests: [])
    /// Those that a point runs, tries, or may go back to.
    var loaded: [String: LoadedModel] = [:]
    var taps: [PointID: PointTap] = [:]
    /// Points without windows.
    var scalars: Set<PointID> = []
    /// Digests whose packages are kept, or about to be, before their versions are known; how many offers of each are under way.
    var arriving: [String: Int] = [:]
    /// Digests to be verified on the thread of models, and what that came to.
    var unverified: [String] = []
    var verified: [(digest: String, result: Result<LoadedModel, PackageError>)] = []
    /// Why nothing new may be put to work for now, as updates say.
    var held: String?
    /// As the ingest loop sees it: the same, also where no update ever comes.
    var isClockWrong = false
    /// What is not on the disk yet.
    var changed: Set<String> = []
    var savedAt: UnixTime?
    /// Something came that may change who takes part; and what was there when that was looked at last.
    var hasNews = true
    var lookedAt: UnixTime?
    var knownPoints = 0
  }

  /// - Parameters:
  ///   - commit: makes a change durable, or throws.
  ///   - onNews: told when the ingest loop has something to settle.
  init(
    shelf: PackageShelf, settings: Settings, restored: Restored = Restored(),
    commit: @escaping @Sendable (Change) throws(StoreError) -> Void,
    confirmedWindows: @escaping @Sendable () -> [RaisedWindow] = { [] }, onNews: @escaping @Sendable () -> Void = {}
  ) {
    (self.shelf, self.settings, self.commit, self.confirmedWindows, self.onNews) = (
      shelf, settings, commit, confirmedWindows, onNews
    )
    state = Mutex(State(restored, shelf))
  }

  /// What the store kept.
  struct Restored: Sendable {
    var versions: [ModelVersionRow] = []
    var roads: [ModelRoadRow] = []
    var revoked: RevokedRow?
  }

  // MARK: what comes in

  /// A rollout, and its package where it is new here. Durable when it returns: whatever happens then, the road goes on from there.
  /// - Parameters:
  ///   - path: of the package, whose digest was checked against signed metadata; `nil` where `has(digest:)`.
  ///   - isSigned: false only for what a person brought on a gateway that allows it.
  ///   - audit: who that was.
  /// - Throws: `rolledBack`, `alreadyFailed`, `revoked`, and whatever is wrong with the file.
  func offer(
    packageAt path: String?, digest: String, rollout: Rollout, isSigned: Bool = true, audit: AuditRow? = nil
  ) throws(PackageError) {
    let isKnown = try state.withLock { state throws(PackageError) in
      try state.check(digest, rollout, isSigned)
      return state.rollouts[digest] == rollout && state.versions[digest]?.stage.isOver == false
    }
    if isKnown { return }
    state.withLock { $0.arriving[digest, default: 0] += 1 }
    defer { state.withLock { $0.leave(digest) } }
    if let path { try shelf.keep(path, digest: digest) }
    let row = state.withLock { $0.row(digest, rollout, isSigned, at: .now()) }
    var change = Change()
    change.delivered.versions = [row]
    change.people.audit = audit.map { [$0] } ?? []
    do throws(StoreError) { try commit(change) } catch { throw PackageError(.storage, row.name, error.description) }
    state.withLock { $0.take(row, rollout) }
    work.signal()
    onNews()
  }

  /// Whether the package is kept here, so that it need not be fetched.
  func has(digest: String) -> Bool { (try? shelf.load(digest)) != nil }

  /// Durable when it returns. An older list changes nothing.
  func revoke(_ revoked: RevokedModels) throws(PackageError) {
    let row = RevokedRow(serial: revoked.serial, digests: revoked.digests.sorted())
    guard state.withLock({ row.serial > $0.revoked.serial }) else { return }
    var change = Change()
    change.delivered.revoked = row
    do throws(StoreError) { try commit(change) } catch { throw PackageError(.storage, "revoked.json", error.description) }
    state.withLock { if row.serial > $0.revoked.serial { ($0.revoked, $0.hasNews) = (row, true) } }
    onNews()
  }

  /// While there is a reason nothing goes on to canary or active; what is at work stays.
  func hold(_ reason: String?) {
    state.withLock { $0.held = reason }
    onNews()
  }

  /// What the gateway's own clock shows, each turn of the ingest loop. Once it is right again, what an update said while it was wrong
  /// counts no more: the next says anew.
  func clockStands(isWrong: Bool) {
    state.withLock { state in
      if state.isClockWrong, !isWrong { state.held = nil }
      state.isClockWrong = isWrong
    }
  }

  /// JSON for `up/reported`.
  var reported: [UInt8] { JSON.encode(report) }

  var report: ModelsReport {
    state.withLock { state in
      ModelsReport(Array(state.versions.values), state.roads.values.map { state.withEvidence($0) }.sorted { $0.point < $1.point })
    }
  }

  // MARK: the thread of models

  /// Blocks until `stop`.
  func run() {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
    var askedAt = -Self.askSeconds
    while !stopping.isSet {
      _ = work.wait(timeout: .now() + 1)
      guard !stopping.isSet else { return }
      let isDue = MonotonicClock.preciseSeconds() - askedAt >= Self.askSeconds
      if isDue { askedAt = MonotonicClock.preciseSeconds() }
      if workOff(asksConfirmed: isDue) { onNews() }
    }
  }

  func stop() {
    stopping.set()
    work.signal()
  }

  /// Something waits for the thread of models.
  func wake() { work.signal() }

  private static let niceness: Int32 = 10
  /// People's words about alarms are looked at so often.
  private static let askSeconds = 30.0
}

extension ModelDesk.State {
  init(_ restored: ModelDesk.Restored, _ shelf: PackageShelf) {
    revoked = restored.revoked ?? revoked
    for row in restored.versions {
      versions[row.digest] = row
      rollouts[row.digest] = try? Rollout(decoding: row.rollout)
    }
    for row in restored.roads { roads[row.point] = row }
    let underWay = versions.values.filter { [.shadow, .canary, .active].contains($0.stage) }.map(\.digest)
    for digest in inUse.union(underWay) { load(digest, shelf) }
    unverified = versions.values.filter { $0.stage == .arrived }.map(\.digest).sorted()
  }

  /// What points run, try, or may go back to.
  var inUse: Set<String> {
    Set(roads.values.flatMap { [$0.active, $0.previous, $0.candidate].compactMap { $0 } })
  }

  /// A package that lies damaged on the disk is as good as none: whatever ran it goes back.
  private mutating func load(_ digest: String, _ shelf: PackageShelf) {
    guard let row = versions[digest], let rollout = rollouts[digest] else { return }
    do throws(PackageError) {
      loaded[digest] = LoadedModel(try shelf.load(digest), rollout, isSigned: row.isSigned)
    } catch {
      verified.append((digest, .failure(error)))
    }
  }

  func check(_ digest: String, _ rollout: Rollout, _ isSigned: Bool) throws(PackageError) {
    let name = "\(rollout.model) \(rollout.version)"
    guard digest == rollout.sha256 else { throw PackageError(.digest, name, "the rollout names another package") }
    guard !revoked.digests.contains(digest) else { throw PackageError(.revoked, name, "it is revoked") }
    let newest = versions.values.filter { $0.model == rollout.model }.map(\.serial).max() ?? 0
    guard rollout.serial >= newest else {
      throw PackageError(.rolledBack, name, "serial \(rollout.serial), \(newest) is known")
    }
    guard isSigned, let known = versions[digest], known.serial >= rollout.serial, known.stage.isOver else { return }
    throw PackageError(
      .alreadyFailed, name, known.words ?? "it was stopped here; sign it with a new serial to have it tried again")
  }

  func row(_ digest: String, _ rollout: Rollout, _ isSigned: Bool, at now: UnixTime) -> ModelVersionRow {
    var row = ModelVersionRow(
      digest: digest, model: rollout.model, version: rollout.version, serial: rollout.serial, rollout: rollout.encoded(),
      isSigned: isSigned, stage: .arrived, since: now)
    // A change of its rollout moves nothing back that is under way, and wakes nothing that is over but by saying that it runs.
    if let known = versions[digest], !known.stage.isOver || rollout.state != .running {
      (row.stage, row.since, row.reason, row.words) = (known.stage, known.since, known.reason, known.words)
    }
    return row
  }

  mutating func take(_ row: ModelVersionRow, _ rollout: Rollout) {
    (versions[row.digest], rollouts[row.digest]) = (row, rollout)
    changed.insert(row.digest)
    hasNews = true
    if row.stage == .arrived, !unverified.contains(row.digest) { unverified.append(row.digest) }
  }

  /// An offer is over, one way or the other.
  mutating func leave(_ digest: String) {
    let left = arriving[digest, default: 1] - 1
    arriving[digest] = left > 0 ? left : nil
  }

  /// Packages that something may still need.
  var wanted: Set<String> {
    inUse.union(arriving.keys).union(versions.values.filter { !$0.stage.isOver }.map(\.digest))
  }

  /// The road with what was counted since it was saved.
  func withEvidence(_ road: ModelRoadRow) -> ModelRoadRow {
    var road = road
    if let evidence = taps[road.point]?.evidence { road.evidence = evidence.json }
    return road
  }
}

extension ModelStage {
  /// It is not tried again without a new serial.
  var isOver: Bool { [.failed, .rolledBack, .revoked, .retired].contains(self) }
}
