import Anomaly
import Contracts
import SQLite
import Signal

/// The one connection that writes. Keeps nothing in memory that a rollback would have to undo.
final class Writer {
  private let database: Database
  private let origin: EventOrigin
  private let trendRows: Int

  init(_ database: Database, _ settings: StoreSettings) {
    self.database = database
    origin = settings.origin
    trendRows = settings.trendRowsPerPoint
  }

  /// All of it in one transaction, or nothing.
  func write(_ works: [Work]) -> Result<Void, StoreError> {
    do throws(SQLiteError) { return .success(try commit(works)) } catch { return .failure(explained(error)) }
  }

  private func commit(_ works: [Work]) throws(SQLiteError) {
    try database.transaction { () throws(SQLiteError) in
      for work in works {
        switch work {
        case .change(let change): try apply(change)
        case .newEpoch(let binding, let reason, let time):
          try Epochs(database: database).renew(binding: binding, reason: reason, at: time)
        }
      }
    }
  }

  private func apply(_ change: Change) throws(SQLiteError) {
    for outcome in change.points { try apply(outcome) }
    for model in change.models {
      try Baselines(database: database).save(model, of: try Points(database: database).number(of: model.point))
    }
    try FrameLedger(database: database).add(change.unassigned, to: FrameLedger.unassigned)
    if let session = change.session { try Sessions(database: database).apply(session) }
    try People(database: database).apply(change.people)
    if let daemon = change.daemon { try Daemon(database: database).save(daemon) }
    try applyToLanes(change)
  }

  private func apply(_ outcome: PointOutcome) throws(SQLiteError) {
    let point = try Points(database: database).save(outcome.state, of: outcome.point)
    try FrameLedger(database: database).add(outcome.ledger, to: point)
    if let sequences = outcome.sequences { try SourceSequences(database: database).save(sequences, of: point) }
    try Baselines(database: database).append(outcome.baseline, of: point)
    try Trends(database: database).append(outcome.trend, of: point, keeping: trendRows)
    for alarm in outcome.alarms { try Alarms(database: database).save(alarm) }
  }

  /// SQLite has one word for a full disk and for a full store; the disk tells which.
  private func explained(_ error: SQLiteError) -> StoreError {
    var told = StoreError("commit to", database.path, error)
    if error.isFull, (DiskSpace.freeBytes(at: database.path) ?? 0) > 1 << 20 {
      told.reason = "store.max_bytes is used up"
      told.remedy = "raise store.max_bytes"
    }
    return told
  }

  private func applyToLanes(_ change: Change) throws(SQLiteError) {
    let occurrences = (change.points.flatMap(\.occurrences) + change.occurrences).sorted { $0.arrival < $1.arrival }
    guard !occurrences.isEmpty || !change.positions.isEmpty, let epoch = try Epochs(database: database).current() else { return }
    let lanes = Lanes(database: database)
    try lanes.append(occurrences, from: origin, in: epoch)
    for position in change.positions { try lanes.take(position, in: epoch) }
  }
}

/// What is written for one caller.
enum Work: Sendable {
  case change(Change)
  case newEpoch(binding: [UInt8], reason: String, at: UnixTime)
}
