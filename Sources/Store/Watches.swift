import Anomaly
import SQLite

/// The table `watch`: what is watched over weeks at a point that has learned.
struct Watches {
  let database: Database

  func save(_ record: WatchRecord, of point: Int) throws(SQLiteError) {
    let summary = record.summary
    try database.run(
      """
      INSERT OR REPLACE INTO watch (point, false_alarms_per_month, decision_s, budget_supported, progress, limit_factor, drift,
        relearn_wanted, drift_words, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, point, summary.falseAlarmsPerMonth, summary.decisionSeconds, summary.budgetSupported, summary.progress,
      summary.limitFactor, summary.drift?.rawValue, summary.relearnWanted, summary.driftWords, record.bytes)
  }

  func forget(_ point: Int) throws(SQLiteError) { try database.run("DELETE FROM watch WHERE point = ?", point) }

  /// By the points' numbers; of a store that no daemon of this version has opened yet: nothing.
  func summaries() throws(SQLiteError) -> [Int: WatchSummary] {
    guard try database.pragma("user_version") >= 4 else { return [:] }
    let rows = try database.rows(
      """
      SELECT point, false_alarms_per_month, decision_s, budget_supported, progress, limit_factor, drift, relearn_wanted, drift_words
      FROM watch
      """
    ) { row throws(SQLiteError) in
      (
        row[0] as Int,
        WatchSummary(
          falseAlarmsPerMonth: row[1], decisionSeconds: row[2], budgetSupported: row[3], progress: row[4], limitFactor: row[5],
          drift: row.text(6, as: DriftKind.self), relearnWanted: row[7], driftWords: row[8])
      )
    }
    return Dictionary(rows) { $1 }
  }

  /// By the points' numbers, of the machines that somebody labelled alarms of: of all others there is nothing to read.
  func probabilityLabels() throws(SQLiteError) -> [Int: Int] {
    guard try database.pragma("user_version") >= 4 else { return [:] }
    let rows = try database.rows(
      """
      SELECT watch.point, watch.bytes FROM watch JOIN point ON point.id = watch.point
      WHERE point.machine IN (SELECT rtrim(rtrim(subject, '0123456789'), '#') FROM label WHERE instr(subject, '#') > 0)
      """
    ) { row throws(SQLiteError) in (row[0] as Int, WatchRecord.probabilityLabels(in: row[1])) }
    return Dictionary(rows.compactMap { row in row.1.map { (row.0, $0) } }) { $1 }
  }

  func bytes(of point: Int) throws(SQLiteError) -> [UInt8]? {
    try database.first("SELECT bytes FROM watch WHERE point = ?", point) { $0[0] }
  }
}
