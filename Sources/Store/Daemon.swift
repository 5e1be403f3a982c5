import Contracts
import SQLite
import Signal

/// The table `daemon`: what the daemon says of itself, and how often it has started.
struct Daemon {
  let database: Database

  /// Counts one more start. The day's bytes go on: a restart is no new day.
  func start(_ origin: EventOrigin, version: String, at time: UnixTime) throws(SQLiteError) {
    let uplink = (try? record())?.state.uplink?.lost()
    try database.run(
      """
      INSERT INTO daemon (id, gateway, fleet, incarnation, version, started_at, condition, reasons, broker, uplink)
      VALUES (1, ?, ?, 1, ?, ?, 'starting', '[]', ?, ?)
      ON CONFLICT (id) DO UPDATE SET
        gateway = excluded.gateway, fleet = excluded.fleet, incarnation = incarnation + 1, version = excluded.version,
        started_at = excluded.started_at, condition = excluded.condition, reasons = excluded.reasons, broker = excluded.broker,
        uplink = excluded.uplink
      """, origin.gateway, origin.fleet, version, time, JSON.text(DaemonState.Link(connected: false)),
      uplink.map { JSON.text($0) })
  }

  func save(_ state: DaemonState) throws(SQLiteError) {
    try database.run(
      "UPDATE daemon SET condition = ?, reasons = ?, broker = ?, uplink = ?", state.condition.rawValue, JSON.text(state.reasons),
      JSON.text(state.broker), state.uplink.map { JSON.text($0) })
  }

  func record() throws(SQLiteError) -> DaemonRecord? {
    try database.first(
      "SELECT gateway, fleet, incarnation, version, started_at, condition, reasons, broker, uplink FROM daemon"
    ) { row throws(SQLiteError) in
      DaemonRecord(
        gateway: row[0], fleet: row[1], incarnation: row[2], version: row[3], startedAt: row[4],
        state: DaemonState(
          condition: row.text(5, as: DaemonState.Condition.self) ?? .stopped, reasons: try row.json(6, as: [String].self),
          broker: try row.json(7, as: DaemonState.Link.self),
          uplink: row.isNull(8) ? nil : try row.json(8, as: DaemonState.Link.self)))
    }
  }
}

/// The daemon's own words, as they stood when it last had something to say. Whether it lives is told by the lock alone.
package struct DaemonRecord: Sendable, Equatable {
  package var gateway: String
  package var fleet: String
  /// 1 at the first start.
  package var incarnation: UInt64
  package var version: String
  package var startedAt: UnixTime
  package var state: DaemonState
  /// It wrote that it stops, and was neither killed nor cut off.
  package var endedInOrder: Bool { state.condition == .stopped }
}
