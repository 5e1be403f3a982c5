import Contracts
import SQLite
import Signal

/// What became of each point's frames, by its gateway's last word.
struct Ledgers {
  let database: Database
  let gateway: Int

  private struct Document: Decodable {
    var time: UnixTime
    var data: LedgerSummary
  }

  /// Replaces what was told before; what cannot be read changes nothing.
  func take(_ event: [UInt8]) throws(SQLiteError) {
    guard let summary = try? JSON.decode(Document.self, from: event) else { return }
    for point in summary.data.points { try save(point, summary.time) }
  }

  private func save(_ point: LedgerSummary.Point, _ time: UnixTime) throws(SQLiteError) {
    let ledger = point.ledger
    let reasons = JSON.text(LedgerRow.Reasons(quarantinedBy: ledger.quarantinedBy, droppedBy: ledger.droppedBy))
    try database.run(
      """
      INSERT OR REPLACE INTO ledger (
        gateway, machine, point, told_at, received, analysed, pending, quarantined, duplicate, dropped, missing, reasons)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, gateway, point.machine, point.point, time, ledger.received, ledger.analysed, ledger.pending, ledger.quarantined,
      ledger.duplicate, ledger.dropped, ledger.missing, reasons)
  }
}

/// A point's frames as `thrum-plane ledger --json` prints them.
package struct LedgerRow: Sendable, Equatable, Encodable {
  package var fleet: String
  package var gateway: String
  /// Both empty for what belongs to no point.
  package var machine: String
  package var point: String
  /// When the gateway said so.
  package var toldAt: UnixTime
  package var received: Int
  package var analysed: Int
  package var pending: Int
  package var quarantined: Int
  package var duplicate: Int
  package var dropped: Int
  package var missing: Int
  package var reasons: Reasons

  package struct Reasons: Sendable, Equatable, Codable {
    package var quarantinedBy: [String: Int]
    package var droppedBy: [String: Int]
  }
}

/// An event that contradicts a stored one, as `thrum-plane forks --json` prints it.
package struct ForkRow: Sendable, Equatable, Encodable {
  package var fleet: String
  package var gateway: String
  package var epoch: Epoch
  package var lane: String
  package var sequence: UInt64
  package var id: String
  package var receivedAt: UnixTime
  /// As it came.
  package var event: String
}

extension PlaneReader {
  /// By gateway, machine and point.
  package func ledgers(of gateway: String? = nil) throws(PlaneError) -> [LedgerRow] {
    try naming { () throws(SQLiteError) in
      try database.rows(
        """
        SELECT fleet, name, machine, point, told_at, received, analysed, pending, quarantined, duplicate, dropped, missing, reasons
        FROM ledger JOIN gateway ON gateway.id = ledger.gateway WHERE ?1 IS NULL OR name = ?1 ORDER BY fleet, name, machine, point
        """, gateway
      ) { row throws(SQLiteError) in
        LedgerRow(
          fleet: row[0], gateway: row[1], machine: row[2], point: row[3], toldAt: row[4], received: row[5], analysed: row[6],
          pending: row[7], quarantined: row[8], duplicate: row[9], dropped: row[10], missing: row[11],
          reasons: (try? JSON.decode(LedgerRow.Reasons.self, from: (row[12] as String).utf8))
            ?? LedgerRow.Reasons(quarantinedBy: [:], droppedBy: [:]))
      }
    }
  }

  /// In order of arrival.
  package func forks(of gateway: String? = nil) throws(PlaneError) -> [ForkRow] {
    try naming { () throws(SQLiteError) in
      try database.rows(
        """
        SELECT fleet, name, epoch, lane, sequence, fork.id, received_at, bytes FROM fork JOIN gateway ON gateway.id = fork.gateway
        WHERE ?1 IS NULL OR name = ?1 ORDER BY row
        """, gateway
      ) { row throws(SQLiteError) in
        ForkRow(
          fleet: row[0], gateway: row[1], epoch: row[2], lane: row[3], sequence: row[4], id: row[5], receivedAt: row[6],
          event: String(decoding: row[7] as [UInt8], as: UTF8.self))
      }
    }
  }

  /// Who was ever heard of, by fleet and name.
  package func names() throws(PlaneError) -> [(fleet: String, gateway: String)] {
    try naming { () throws(SQLiteError) in
      try database.rows("SELECT fleet, name FROM gateway ORDER BY fleet, name") {
        (fleet: $0[0] as String, gateway: $0[1] as String)
      }
    }
  }
}
