import Anomaly
import SQLite

/// What became of every frame, per point; point 0 is what belongs to none.
struct FrameLedger {
  static let unassigned = 0
  let database: Database

  /// Adds the counts of `change`.
  func add(_ change: Ledger, to point: Int) throws(SQLiteError) {
    guard change != Ledger() else { return }
    try database.run(
      """
      INSERT INTO ledger (point, received, analysed, pending, duplicate, missing) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (point) DO UPDATE SET
        received = received + excluded.received, analysed = analysed + excluded.analysed, pending = pending + excluded.pending,
        duplicate = duplicate + excluded.duplicate, missing = missing + excluded.missing
      """, point, change.received, change.analysed, change.pending, change.duplicate, change.missing)
    for (reason, frames) in change.quarantined { try add(frames, to: point, fate: "quarantined", reason: reason.rawValue) }
    for (reason, frames) in change.dropped { try add(frames, to: point, fate: "dropped", reason: reason.rawValue) }
  }

  private func add(_ frames: Int, to point: Int, fate: String, reason: String) throws(SQLiteError) {
    try database.run(
      """
      INSERT INTO ledger_reason (point, fate, reason, frames) VALUES (?, ?, ?, ?)
      ON CONFLICT (point, fate, reason) DO UPDATE SET frames = frames + excluded.frames
      """, point, fate, reason, frames)
  }

  /// Every point's counts, by the point's number.
  func all() throws(SQLiteError) -> [Int: Ledger] {
    var ledgers: [Int: Ledger] = [:]
    try database.each("SELECT point, received, analysed, pending, duplicate, missing FROM ledger") { row throws(SQLiteError) in
      var ledger = Ledger()
      (ledger.received, ledger.analysed, ledger.pending) = (row[1], row[2], row[3])
      (ledger.duplicate, ledger.missing) = (row[4], row[5])
      ledgers[row[0]] = ledger
    }
    try database.each("SELECT point, fate, reason, frames FROM ledger_reason") { row throws(SQLiteError) in
      let (fate, reason): (String, String) = (row[1], row[2])
      if let reason = QuarantineReason(rawValue: reason), fate == "quarantined" {
        ledgers[row[0], default: Ledger()].quarantined[reason] = row[3]
      } else if let reason = DropReason(rawValue: reason) {
        ledgers[row[0], default: Ledger()].dropped[reason] = row[3]
      }
    }
    return ledgers
  }
}
