import Contracts
import SQLite
import Signal

/// Who the gateways are: their names, their numberings, whether they are there.
struct Registry {
  let database: Database

  /// Remembers who speaks, and by which nonce it knows an answer to be meant for it.
  func take(_ hello: Hello, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) -> KnownEpoch {
    let row = try row(of: gateway)
    try forgetAlarms(of: row, ifNew: hello)
    let known = try database.first(
      """
      INSERT INTO epoch (gateway, epoch, parent, incarnation, nonce, version, first_hello_at, hello_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
      ON CONFLICT DO UPDATE SET incarnation = max(incarnation, excluded.incarnation), nonce = excluded.nonce,
        version = excluded.version, hello_at = excluded.hello_at
      RETURNING id, incarnation
      """, row, hello.epoch, hello.parentEpoch, hello.incarnation, hello.nonce, hello.version, now
    ) { KnownEpoch(id: $0[0], gateway: row, epoch: hello.epoch, nonce: hello.nonce, incarnation: $0[1]) }
    guard let known else { throw missing("epoch") }
    return known
  }

  /// A gateway that begins a numbering without a parent begins anew: what stood before it was reset stands no more.
  private func forgetAlarms(of row: Int, ifNew hello: Hello) throws(SQLiteError) {
    guard hello.parentEpoch == nil else { return }
    for table in ["standing", "aside"] {
      try database.run(
        "DELETE FROM \(table) WHERE gateway = ?1 AND NOT EXISTS (SELECT 1 FROM epoch WHERE gateway = ?1 AND epoch = ?2)", row,
        hello.epoch)
    }
  }

  /// `nil` when it never said hello.
  func epoch(_ epoch: Epoch, of gateway: PlaneTopics) throws(SQLiteError) -> KnownEpoch? {
    try database.first(
      """
      SELECT epoch.id, gateway.id, nonce, incarnation FROM epoch JOIN gateway ON gateway.id = epoch.gateway
      WHERE fleet = ? AND name = ? AND epoch = ?
      """, gateway.fleet, gateway.gateway, epoch
    ) { KnownEpoch(id: $0[0], gateway: $0[1], epoch: epoch, nonce: $0[2], incarnation: $0[3]) }
  }

  /// Ignores the last will of an earlier life: an `offline` of a lower incarnation, or of a numbering that was left.
  func take(_ status: GatewayStatus, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) {
    let row = try row(of: gateway)
    let isPast = try database.first(
      "SELECT epoch <> ?2 OR incarnation > ?3 FROM epoch WHERE gateway = ?1 ORDER BY hello_at DESC, id DESC LIMIT 1", row,
      status.epoch, status.incarnation
    ) { $0[0] as Bool }
    if status.state == .offline, isPast == true { return }
    try database.run(
      "UPDATE gateway SET state = ?, state_at = ?, connected_at = ? WHERE id = ?", status.state.rawValue, now,
      status.connectedAt, row)
  }

  func row(of gateway: PlaneTopics) throws(SQLiteError) -> Int {
    try database.run("INSERT OR IGNORE INTO gateway (fleet, name) VALUES (?, ?)", gateway.fleet, gateway.gateway)
    let row = try database.first("SELECT id FROM gateway WHERE fleet = ? AND name = ?", gateway.fleet, gateway.gateway) {
      $0[0] as Int
    }
    guard let row else { throw missing("gateway") }
    return row
  }

  private func missing(_ table: String) -> SQLiteError {
    SQLiteError(operation: "read", object: table, reason: "the row just written is not there", extendedCode: 11)
  }
}

/// A numbering that said hello.
struct KnownEpoch {
  var id: Int
  var gateway: Int
  var epoch: Epoch
  /// Of the latest hello.
  var nonce: Nonce
  /// The highest seen.
  var incarnation: UInt64
}
