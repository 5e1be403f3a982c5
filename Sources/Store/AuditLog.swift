import Contracts
import SQLite
import Signal

/// The table `audit`: who changed what, when, chained by hash so that a row that was edited or taken out shows. Whoever can write the
/// whole file can chain it anew: the log tells mistakes and clumsy edits, not a determined administrator.
struct AuditLog {
  let database: Database

  func append(_ rows: [AuditRow]) throws(SQLiteError) {
    guard !rows.isEmpty else { return }
    var hash: ChainHash = try database.first("SELECT hash FROM audit ORDER BY row DESC LIMIT 1") { $0[0] } ?? Self.start
    for row in rows {
      hash = hash.appending(JSON.encode(row))
      try database.run(
        "INSERT INTO audit (at, uid, person, role, call, request, hash) VALUES (?, ?, ?, ?, ?, ?, ?)", row.at, Int(row.uid),
        row.by,
        row.role.rawValue, row.call, row.request, hash)
    }
    try database.run("DELETE FROM audit WHERE row <= (SELECT max(row) FROM audit) - ?", Self.kept)
  }

  /// Oldest first.
  func newest(_ limit: Int) throws(SQLiteError) -> [AuditRow] {
    try database.rows("SELECT \(Self.columns) FROM audit ORDER BY row DESC LIMIT ?", limit) { row throws(SQLiteError) in
      Self.entry(row)
    }.reversed()
  }

  func verify() throws(SQLiteError) -> AuditFinding {
    let rows = try database.rows("SELECT \(Self.columns), row, hash FROM audit ORDER BY row") { row throws(SQLiteError) in
      (entry: Self.entry(row), number: row[6] as Int, hash: row[7] as ChainHash)
    }
    var before: (number: Int, hash: ChainHash) = (0, Self.start)
    for row in rows {
      // Older ones make room for newer ones: the chain is then followed from the oldest that is left.
      let isEvicted = before.number == 0 && row.number > 1 && rows.count >= Self.kept
      guard isEvicted || (row.number == before.number + 1 && before.hash.appending(JSON.encode(row.entry)) == row.hash) else {
        return AuditFinding(entries: rows.count, firstBroken: row.number)
      }
      before = (row.number, row.hash)
    }
    return AuditFinding(entries: rows.count, firstBroken: nil)
  }

  private static let columns = "at, uid, person, role, call, request"

  private static func entry(_ row: borrowing Statement) -> AuditRow {
    AuditRow(
      at: row[0], uid: UInt32(truncatingIfNeeded: row.integer(1)), by: row[2], role: row.text(3, as: Role.self) ?? .viewer,
      call: row[4], request: row[5])
  }

  /// hash(0).
  private static let start = ChainHash(Epoch(unchecked: [UInt8](repeating: 0, count: 16)))
  private static let kept = 10_000
}

/// What following the audit log's chain came to.
package struct AuditFinding: Sendable, Equatable {
  package var entries: Int
  /// The first entry that is not what was written; `nil`: all are.
  package var firstBroken: Int?
}
