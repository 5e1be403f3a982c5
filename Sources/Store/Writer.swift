import Anomaly
import Contracts
import Glibc
import SQLite
import Signal

/// The one connection that writes. Keeps nothing in memory that a rollback would have to undo.
final class Writer {
  private let path: String
  private let settings: StoreSettings
  private let limits: StoreLimits
  /// `nil` after an I/O error, until the next try: what such a connection believes of the disk may be wrong.
  private var connection: Database?
  private let spent: SpentBytes
  private let ledgerTurn = LedgerTurn()
  private let setAside: SetAside
  /// What was given up for room and is not told yet.
  private var givenUp: [OpeningReport.Incident] = []

  init(_ database: Database, _ settings: StoreSettings) {
    (path, connection, self.settings) = (database.path, database, settings)
    limits = StoreLimits(settings)
    spent = SpentBytes()
    setAside = SetAside(database.path)
  }

  /// All of it in one transaction, or nothing.
  func write(_ works: [Work]) -> Result<Void, StoreError> {
    do throws(StoreError) {
      let database = try connected()
      try LogRoom(limits, database).check()
      try commit(works, to: database)
      return .success(())
    } catch { return .failure(error) }
  }

  private func connected() throws(StoreError) -> Database {
    if let connection { return connection }
    let made = try StoreFile.connect(path, settings)
    try naming("open", path) { () throws(SQLiteError) in
      try limits.restrict(made)
      // Frames of commits that failed must not be taken for damage later: the log begins anew.
      try made.checkpoint(.restart)
    }
    connection = made
    return made
  }

  private func commit(_ works: [Work], to database: Database) throws(StoreError) {
    var tries = 0
    while true {
      do throws(SQLiteError) {
        let transaction = Transaction(database: database, settings: settings, limits: limits, ledgerTurn: ledgerTurn)
        try database.transaction { () throws(SQLiteError) in
          try transaction.apply(works, givenUp: givenUp)
          try spent.note(in: database, at: settings.startedAt)
        }
        givenUp = []
        setAside.diskIsFine()
        // What cannot be moved now is moved later: the commit stands.
        if database.logPages >= limits.logPagesToMove { _ = try? database.checkpoint(.passive) }
        return
      } catch {
        if error.isInputOutput || error.cannotOpen { connection = nil }
        tries += 1
        guard error.isFull, tries < Self.mostTries, giveWay() || makeRoom(in: database) else { throw explained(error) }
      }
    }
  }

  /// What was set aside goes before anything of the store.
  private func giveWay() -> Bool {
    guard isDiskFull, let gone = setAside.giveUpOldest() else { return false }
    givenUp.append(gone)
    return true
  }

  private var isDiskFull: Bool { (DiskSpace.freeBytes(at: path) ?? .max) < 1 << 20 }

  /// A store at its cap gives up what is worth least, in transactions of their own, until the change fits. A disk that others have
  /// filled costs only what the plane has or does not want: whatever is unsent stays, and the broker waits.
  private func makeRoom(in database: Database) -> Bool {
    let eviction = Eviction(database: database, limits: limits, maxAgeDays: settings.maxAgeDays)
    return
      (try? database.transaction { () throws(SQLiteError) in
        guard try eviction.isNearCap || isDiskFull else { return false }
        return try eviction.makeRoom(sparingUnsent: !eviction.isNearCap)
      }) ?? false
  }

  private static let mostTries = 50

  /// SQLite has one word for a full disk and for a full store; the disk tells which.
  private func explained(_ error: SQLiteError) -> StoreError {
    var told = StoreError("commit to", path, error)
    if error.isFull, (DiskSpace.freeBytes(at: path) ?? 0) > 1 << 20 {
      told.reason = "store.max_bytes is used up"
      told.remedy = "raise store.max_bytes"
    }
    return told
  }
}

/// What one transaction does.
private struct Transaction {
  let database: Database
  let settings: StoreSettings
  let limits: StoreLimits
  let ledgerTurn: LedgerTurn

  func apply(_ works: [Work], givenUp: [OpeningReport.Incident]) throws(SQLiteError) {
    for incident in givenUp {
      try Incidents(database: database).note(incident.kind, incident, at: now, from: settings.origin)
    }
    for work in works {
      switch work {
      case .change(let change): try apply(change)
      case .newEpoch(let binding, let reason, let time):
        try Epochs(database: database).renew(binding: binding, reason: reason, at: time)
      }
    }
    try Eviction(database: database, limits: limits, maxAgeDays: settings.maxAgeDays).keepRoom()
  }

  private var now: UnixTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UnixTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  private func apply(_ change: Change) throws(SQLiteError) {
    let feed = try Epochs(database: database).current().map {
      PlaneFeed(database: database, settings: settings, epoch: $0, clock: change.clock)
    }
    if let jump = change.clockJump { try Doubts(database: database).correct(by: jump) }
    for outcome in change.points { try apply(outcome, feed) }
    for model in change.models {
      try Baselines(database: database).save(model, of: try Points(database: database).number(of: model.point))
    }
    try FrameLedger(database: database).add(change.unassigned, to: FrameLedger.unassigned)
    if let session = change.session { try Sessions(database: database).apply(session) }
    try People(database: database).apply(change.people)
    try DeliveredModels(database: database).apply(change.delivered)
    if let daemon = change.daemon { try Daemon(database: database).save(daemon) }
    try applyToLanes(change)
    for answer in change.answers { try feed?.add(answer) }
    if settings.feedsPlane, !change.points.isEmpty, try ledgerTurn.isDue(in: database) {
      try feed?.addLedgers(at: change.points.compactMap(\.state.lastFrameAt).max() ?? settings.startedAt)
    }
  }

  private func apply(_ outcome: PointOutcome, _ feed: PlaneFeed?) throws(SQLiteError) {
    let point = try Points(database: database).save(outcome.state, of: outcome.point)
    try FrameLedger(database: database).add(outcome.ledger, to: point)
    if let sequences = outcome.sequences { try SourceSequences(database: database).save(sequences, of: point) }
    try Baselines(database: database).append(outcome.baseline, of: point)
    if let watch = outcome.watch { try Watches(database: database).save(watch, of: point) }
    let reports = try Trends(database: database, clock: feed?.clock).append(
      outcome.trend, of: point, keeping: settings.trendRowsPerPoint)
    let time = outcome.trend.last?.time ?? outcome.state.lastFrameAt ?? settings.startedAt
    try feed?.add(reports, of: outcome.point, at: time)
    try feed?.add(outcome.baseline, of: outcome.point, at: time)
    for waveform in outcome.waveforms { try feed?.add(waveform) }
    for alarm in outcome.alarms { try Alarms(database: database, clock: feed?.clock).save(alarm) }
  }

  private func applyToLanes(_ change: Change) throws(SQLiteError) {
    let occurrences = (change.points.flatMap(\.occurrences) + change.occurrences).sorted { $0.arrival < $1.arrival }
    let isAlarm = occurrences.contains { $0.lane == .alarm }
    let head = try PredictionLog(database: database).append(change.delivered.predictions, tells: isAlarm)
    guard !occurrences.isEmpty || !change.positions.isEmpty || change.unstored != nil || head != nil || change.clockJump != nil,
      let epoch = try Epochs(database: database).current()
    else { return }
    let lanes = Lanes(database: database, clock: change.clock)
    if let jump = change.clockJump {
      try lanes.append(ClockJump.type, jump, at: jump.to, from: settings.origin, in: epoch)
    }
    try lanes.append(occurrences, from: settings.origin, in: epoch)
    if let head {
      let time = change.delivered.predictions.last?.to ?? settings.startedAt
      try lanes.append("org.thrum.predictions.head.v1", head, at: time, from: settings.origin, in: epoch)
    }
    for position in change.positions { try lanes.take(position, in: epoch) }
    if let unstored = change.unstored {
      try Incidents(database: database).note("unstored", unstored, at: unstored.to, from: settings.origin)
    }
  }
}

/// What is written for one caller.
enum Work: Sendable {
  case change(Change)
  case newEpoch(binding: [UInt8], reason: String, at: UnixTime)
}
