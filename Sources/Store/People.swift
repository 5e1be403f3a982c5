import Anomaly
import Contracts
import SQLite
import Signal

/// The tables of what people said: `suppression`, `learning_stop`, `label`, `maintenance`, `audit`.
struct People {
  let database: Database

  func apply(_ change: PeopleChange) throws(SQLiteError) {
    for alarm in change.alarms { try Alarms(database: database).save(alarm) }
    for (point, suppression) in change.suppressions { try save(suppression, of: point) }
    for (point, stop) in change.learningStops { try save(stop, of: point) }
    for point in change.forgotten {
      if let number = try Points(database: database).find(point) { try Baselines(database: database).forget(number) }
    }
    for label in change.labels { try append(label) }
    for note in change.maintenance { try append(note) }
    try AuditLog(database: database).append(change.audit)
  }

  // MARK: suppression

  private func save(_ suppression: Suppression?, of point: PointID) throws(SQLiteError) {
    guard let suppression else {
      return try database.run("DELETE FROM suppression WHERE machine = ? AND point = ?", point.machine, point.point)
    }
    try database.run(
      """
      INSERT OR REPLACE INTO suppression (machine, point, reason, person, since, until, note, alarm)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, point.machine, point.point, suppression.reason.rawValue, suppression.by, suppression.since, suppression.until,
      suppression.note, suppression.alarm)
  }

  func suppressions() throws(SQLiteError) -> [PointID: Suppression] {
    let rows = try database.rows("SELECT machine, point, reason, person, since, until, note, alarm FROM suppression") {
      row throws(SQLiteError) in
      let reason = row.text(2, as: SuppressionReason.self) ?? .outOfService
      return (
        PointID(machine: row[0], point: row[1]),
        Suppression(reason: reason, by: row[3], since: row[4], until: row[5], note: row[6], alarm: row[7])
      )
    }
    return Dictionary(rows) { $1 }
  }

  // MARK: learning

  private func save(_ stop: LearningStop?, of point: PointID) throws(SQLiteError) {
    guard let stop else {
      return try database.run("DELETE FROM learning_stop WHERE machine = ? AND point = ?", point.machine, point.point)
    }
    try database.run(
      "INSERT OR REPLACE INTO learning_stop (machine, point, person, since) VALUES (?, ?, ?, ?)", point.machine, point.point,
      stop.by, stop.since)
  }

  func learningStops() throws(SQLiteError) -> [PointID: LearningStop] {
    let rows = try database.rows("SELECT machine, point, person, since FROM learning_stop") { row throws(SQLiteError) in
      (PointID(machine: row[0], point: row[1]), LearningStop(by: row[2], since: row[3]))
    }
    return Dictionary(rows) { $1 }
  }

  // MARK: labels and repairs

  private func append(_ label: LabelRow) throws(SQLiteError) {
    try database.run(
      "INSERT INTO label (subject, label, fault, note, person, at) VALUES (?, ?, ?, ?, ?, ?)", label.subject,
      label.label.rawValue,
      label.fault, label.note, label.by, label.at)
    try keepNewest(Self.kept, of: "label")
  }

  func labels() throws(SQLiteError) -> [String: LabelRow] {
    let rows = try database.rows("SELECT subject, label, fault, note, person, at FROM label ORDER BY row") {
      row throws(SQLiteError) in
      LabelRow(
        subject: row[0], label: row.text(1, as: Label.Word.self) ?? .unsure, fault: row[2], note: row[3], by: row[4], at: row[5])
    }
    return Dictionary(rows.map { ($0.subject, $0) }) { $1 }
  }

  private func append(_ note: MaintenanceRow) throws(SQLiteError) {
    try database.run(
      "INSERT INTO maintenance (machine, point, note, reset_baseline, person, at) VALUES (?, ?, ?, ?, ?, ?)", note.machine,
      note.point, note.note, note.resetBaseline, note.by, note.at)
    try keepNewest(Self.kept, of: "maintenance")
  }

  func maintenance(_ limit: Int) throws(SQLiteError) -> [MaintenanceRow] {
    try database.rows(
      "SELECT machine, point, note, reset_baseline, person, at FROM maintenance ORDER BY row DESC LIMIT ?", limit
    ) { row throws(SQLiteError) in
      MaintenanceRow(machine: row[0], point: row[1], note: row[2], resetBaseline: row[3], by: row[4], at: row[5])
    }
  }

  private func keepNewest(_ count: Int, of table: String) throws(SQLiteError) {
    try database.run("DELETE FROM \(table) WHERE row <= (SELECT max(row) FROM \(table)) - ?", count)
  }

  /// What people type in ten years; a script that types for ever takes no more than some megabytes.
  private static let kept = 2000
}
