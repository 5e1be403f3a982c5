import Anomaly
import Contracts
import SQLite
import Signal

/// Each point's history as a ring of its newest rows: bounded by count and not by date, so that a wrong clock evicts nothing.
struct Trends {
  let database: Database
  /// When the rows were read, by both clocks.
  var clock: ClockStamp?

  /// Rows in an item for the plane: a quarter of an hour.
  static let rowsInReport = 15

  /// - Returns: rows that make a report for the plane together, each once.
  @discardableResult
  func append(_ rows: [TrendRow], of point: Int, keeping limit: Int) throws(SQLiteError) -> [TrendReport] {
    guard !rows.isEmpty else { return [] }
    var reports: [TrendReport] = []
    var number: Int = try database.first("SELECT max(number) FROM trend WHERE point = ?", point) { $0[0] } ?? 0
    for row in rows {
      number += 1
      try database.run(
        """
        INSERT INTO trend (point, number, time, velocity_rms_mm_s, rms, kurtosis, probability, verdict, reason)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, point, number, row.time, row.velocityRMS, row.rms, row.kurtosis, row.probability, row.verdict.name,
        row.verdict.reason)
      if let clock { try Doubts(database: database).noteTrend(number, of: point, at: row.time, clock) }
      if number.isMultiple(of: Self.rowsInReport),
        let report = TrendReport(try self.rows(beyond: number - Self.rowsInReport, of: point))
      {
        reports.append(report)
      }
    }
    try database.run("DELETE FROM trend WHERE point = ? AND number <= ?", point, number - limit)
    return reports
  }

  private func rows(beyond number: Int, of point: Int) throws(SQLiteError) -> [TrendRow] {
    try database.rows("\(Self.columns) WHERE point = ? AND number > ? ORDER BY number", point, number, read: Self.row)
  }

  private static let columns = "SELECT time, velocity_rms_mm_s, rms, kurtosis, probability, verdict, reason FROM trend"

  private static func row(_ row: borrowing Statement) throws(SQLiteError) -> TrendRow {
    TrendRow(
      time: row[0], velocityRMS: row[1], rms: row[2], kurtosis: row[3], probability: row[4], verdict: row.verdict(5, reason: 6))
  }

  /// The newest rows, oldest first.
  func newest(_ limit: Int, of point: Int) throws(SQLiteError) -> [TrendRow] {
    try database.rows("\(Self.columns) WHERE point = ? ORDER BY number DESC LIMIT ?", point, limit, read: Self.row).reversed()
  }

  /// Where the histories of slow values end, by the points' numbers. They have no velocity, and a kurtosis of 0.
  /// CROSS JOIN: point by point, or SQLite reads all histories.
  func latestSlowValues() throws(SQLiteError) -> [Int: StatusReport.Latest] {
    var found: [Int: StatusReport.Latest] = [:]
    try database.each(
      """
      SELECT trend.point, trend.rms, trend.time FROM point CROSS JOIN trend ON trend.point = point.id
        AND trend.number = (SELECT max(number) FROM trend WHERE trend.point = point.id)
      WHERE point.velocity_rms_mm_s IS NULL AND point.zone IS NULL AND trend.velocity_rms_mm_s IS NULL AND trend.kurtosis = 0
      """
    ) { row throws(SQLiteError) in found[row[0]] = .init(value: row[1], at: row[2]) }
    return found
  }
}
