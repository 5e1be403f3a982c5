import Anomaly
import SQLite

/// Each point's history as a ring of its newest rows: bounded by count and not by date, so that a wrong clock evicts nothing.
struct Trends {
  let database: Database

  func append(_ rows: [TrendRow], of point: Int, keeping limit: Int) throws(SQLiteError) {
    guard !rows.isEmpty else { return }
    var number: Int = try database.first("SELECT max(number) FROM trend WHERE point = ?", point) { $0[0] } ?? 0
    for row in rows {
      number += 1
      try database.run(
        """
        INSERT INTO trend (point, number, time, velocity_rms_mm_s, rms, kurtosis, probability, verdict, reason)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, point, number, row.time, row.velocityRMS, row.rms, row.kurtosis, row.probability, row.verdict.name,
        row.verdict.reason)
    }
    try database.run("DELETE FROM trend WHERE point = ? AND number <= ?", point, number - limit)
  }

  /// The newest rows, oldest first.
  func newest(_ limit: Int, of point: Int) throws(SQLiteError) -> [TrendRow] {
    try database.rows(
      """
      SELECT time, velocity_rms_mm_s, rms, kurtosis, probability, verdict, reason FROM trend WHERE point = ?
      ORDER BY number DESC LIMIT ?
      """, point, limit
    ) { row throws(SQLiteError) in
      TrendRow(
        time: row[0], velocityRMS: row[1], rms: row[2], kurtosis: row[3], probability: row[4], verdict: row.verdict(5, reason: 6))
    }.reversed()
  }
}
