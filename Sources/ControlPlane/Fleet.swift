import Contracts
import SQLite
import Signal

/// One gateway as `thrum-plane fleet --json` prints it. Two machines under one name are two rows: each with a numbering that
/// said hello after the other's began.
package struct FleetRow: Sendable, Equatable, Encodable {
  package var fleet: String
  package var gateway: String
  package var state: String
  /// When the state was told.
  @OrNull package var stateAt: UnixTime?
  @OrNull package var connectedAt: UnixTime?
  @OrNull package var helloAt: UnixTime?
  @OrNull package var epoch: Epoch?
  @OrNull package var parentEpoch: Epoch?
  @OrNull package var incarnation: UInt64?
  @OrNull package var version: String?
  /// How far the plane has each lane of this epoch.
  package var lanes: [String: UInt64] = [:]
  /// Of the lanes that people read, in all epochs of the gateway.
  package var events: Int
  /// That stand: on, not shelved, and not of points out of service, by the newest event of each.
  package var alarms: Int
  package var forks: Int
  /// Frames of all points, by the gateway's last word: lost before they reached it, and given up by it for a reason it names.
  package var missing: Int
  package var dropped: Int
  @OrNull package var lastEventAt: UnixTime?
  package var lastEventType: String?
  /// What it runs or tries: `pumps 1.2.0 canary`.
  package var models: [String] = []
  /// Another machine speaks under the same name.
  package var isContested = false
}

extension PlaneReader {
  /// Every gateway that was ever heard of, by fleet and name.
  package func fleet() throws(PlaneError) -> [FleetRow] {
    try naming { () throws(SQLiteError) in
      try database.snapshot { () throws(SQLiteError) in
        var rows: [FleetRow] = []
        for (epoch, row) in try gateways() {
          var row = row
          row.lanes = try lanes(of: epoch)
          rows.append(row)
        }
        let models = try models()
        let names = Dictionary(grouping: rows) { "\($0.fleet)/\($0.gateway)" }
        for index in rows.indices {
          let name = "\(rows[index].fleet)/\(rows[index].gateway)"
          rows[index].isContested = names[name]?.count ?? 0 > 1
          rows[index].models = models[name]?.map { "\($0.model) \($0.version) \($0.stage)" } ?? []
        }
        return rows
      }
    }
  }

  /// Gateways with their latest numbering, and with any other that said hello after the latest one began.
  private func gateways() throws(SQLiteError) -> [(epoch: Int?, FleetRow)] {
    try database.rows(
      """
      WITH latest AS (
        SELECT gateway, first_hello_at, row_number() OVER (PARTITION BY gateway ORDER BY hello_at DESC, id DESC) AS place FROM epoch)
      SELECT e.id, g.fleet, g.name, g.state, g.state_at, g.connected_at, e.hello_at, e.epoch, e.parent, e.incarnation, e.version,
        (SELECT count(*) FROM event WHERE event.gateway = g.id AND lane IN ('alarm', 'event')),
        \(StandingAlarms.count),
        (SELECT count(*) FROM fork WHERE fork.gateway = g.id),
        (SELECT coalesce(sum(missing), 0) FROM ledger WHERE ledger.gateway = g.id),
        (SELECT coalesce(sum(dropped), 0) FROM ledger WHERE ledger.gateway = g.id),
        (SELECT time FROM event WHERE event.gateway = g.id AND lane IN ('alarm', 'event') ORDER BY row DESC LIMIT 1),
        (SELECT type FROM event WHERE event.gateway = g.id AND lane IN ('alarm', 'event') ORDER BY row DESC LIMIT 1)
      FROM gateway g LEFT JOIN latest l ON l.gateway = g.id AND l.place = 1
      LEFT JOIN epoch e ON e.gateway = g.id AND e.hello_at >= l.first_hello_at
      ORDER BY g.fleet, g.name, e.hello_at DESC, e.id DESC
      """
    ) { row throws(SQLiteError) in
      (
        epoch: row[0],
        FleetRow(
          fleet: row[1], gateway: row[2], state: row[3], stateAt: row[4], connectedAt: row[5], helloAt: row[6], epoch: row[7],
          parentEpoch: row[8], incarnation: row[9], version: row[10], events: row[11], alarms: row[12], forks: row[13],
          missing: row[14], dropped: row[15], lastEventAt: row[16], lastEventType: row[17])
      )
    }
  }

  private func lanes(of epoch: Int?) throws(SQLiteError) -> [String: UInt64] {
    guard let epoch else { return [:] }
    let stored = try database.rows("SELECT lane, through FROM lane WHERE epoch = ?", epoch) {
      (name: $0[0] as String, through: $0[1] as UInt64)
    }
    return Dictionary(Lane.allCases.map { ($0.rawValue, 0) } + stored.map { ($0.name, $0.through) }) { $1 }
  }
}
