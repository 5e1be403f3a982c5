import SQLite

/// The redelivery rings, a row per slot.
struct Sessions {
  let database: Database

  func apply(_ change: SessionChange) throws(SQLiteError) {
    if change.isLost { try database.run("DELETE FROM redelivery WHERE session = ?", change.name) }
    for row in change.rows {
      try database.run(
        "INSERT OR REPLACE INTO redelivery (session, slot, mid, digest) VALUES (?, ?, ?, ?)", change.name, row.slot, Int(row.mid),
        row.digest)
    }
    try database.run("INSERT OR REPLACE INTO session (name, next_slot) VALUES (?, ?)", change.name, change.nextSlot)
  }

  /// It was connected before, with or without messages.
  func isKnown(_ name: String) throws(SQLiteError) -> Bool {
    try database.first("SELECT 1 FROM session WHERE name = ?", name) { $0[0] } ?? false
  }

  func ring(_ name: String) throws(SQLiteError) -> RedeliveryRing {
    let nextSlot: Int? = try database.first("SELECT next_slot FROM session WHERE name = ?", name) { $0[0] }
    let rows = try database.rows("SELECT slot, mid, digest FROM redelivery WHERE session = ?", name) { row throws(SQLiteError) in
      RedeliveryRing.Row(slot: row[0], mid: UInt16(truncatingIfNeeded: row.integer(1)), digest: row[2])
    }
    return RedeliveryRing(name: name, rows: rows, nextSlot: nextSlot ?? 0)
  }
}
