import Contracts
import SQLite
import Signal

/// The table `prediction`: what was decided, by which model, from which windows, chained by hash. Its head goes to the plane with the
/// events, so that even whoever can write this file cannot write it anew unseen.
struct PredictionLog {
  let database: Database

  /// - Parameter tells: something is told to the plane in this commit that must not stand without the log behind it.
  /// - Returns: the head, when it is time to tell it.
  func append(_ rows: [PredictionRow], tells: Bool) throws(SQLiteError) -> PredictionHead? {
    guard !rows.isEmpty else { return nil }
    let last: (row: Int, hash: ChainHash)? = try database.first("SELECT row, hash FROM prediction ORDER BY row DESC LIMIT 1") {
      ($0[0], $0[1])
    }
    var (number, hash) = last ?? (0, ChainHash.nothing)
    let before = number
    for row in rows {
      number += 1
      hash = hash.appending(JSON.encode(row))
      try database.run(
        """
        INSERT INTO prediction (row, machine, point, from_at, to_at, windows, model, inputs, verdict, reason, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, number, row.machine, row.point, row.from, row.to, row.windows, row.model, row.inputs, row.verdict, row.reason, hash)
    }
    try database.run("DELETE FROM prediction WHERE row <= ?", number - Self.kept)
    return tells || before / Self.tellEvery != number / Self.tellEvery ? PredictionHead(rows: number, hash: hash) : nil
  }

  /// Oldest first.
  func rows() throws(SQLiteError) -> [(entry: PredictionRow, number: Int, hash: ChainHash)] {
    try database.rows(
      "SELECT machine, point, from_at, to_at, windows, model, inputs, verdict, reason, row, hash FROM prediction ORDER BY row"
    ) { row throws(SQLiteError) in
      (
        entry: PredictionRow(
          point: PointID(machine: row[0], point: row[1]), from: row[2], to: row[3], windows: row[4], model: row[5],
          inputs: row[6],
          verdict: row[7], reason: row[8]), number: row[9] as Int, hash: row[10] as ChainHash
      )
    }
  }

  func verify() throws(SQLiteError) -> AuditFinding {
    let rows = try rows()
    var before: (number: Int, hash: ChainHash) = (0, .nothing)
    for row in rows {
      let isEvicted = before.number == 0 && row.number > 1 && rows.count >= Self.kept
      guard isEvicted || (row.number == before.number + 1 && before.hash.appending(JSON.encode(row.entry)) == row.hash) else {
        return AuditFinding(entries: rows.count, firstBroken: row.number)
      }
      before = (row.number, row.hash)
    }
    return AuditFinding(entries: rows.count, firstBroken: nil)
  }

  /// The chain after row `number`; `nil` where that is not kept any more, or never was.
  func hash(at number: Int) throws(SQLiteError) -> ChainHash? {
    try database.first("SELECT hash FROM prediction WHERE row = ?", number) { $0[0] }
  }

  /// Some 4 MB; a quiet gateway of sixteen points fills it in a day, and the plane keeps the heads.
  private static let kept = 20_000
  private static let tellEvery = 256
}
