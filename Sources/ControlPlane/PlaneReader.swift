import Contracts
import SQLite
import Signal

/// Looks into a plane's database, whether it serves or not. Writes nothing.
package final class PlaneReader {
  let database: Database

  package init(path: String) throws(PlaneError) { database = try PlaneSchema.openToRead(path) }

  /// An event as it was stored, once.
  package struct Event: Sendable, Equatable {
    /// Rises with every stored event.
    package var row: Int
    package var fleet: String
    package var gateway: String
    package var lane: Lane
    package var time: UnixTime?
    package var type: String
    package var subject: String
    /// The very bytes the gateway stored.
    package var bytes: [UInt8]

    package var isReadable: Bool { type != EventFacts.unreadable }
  }

  /// Which events are meant; those of the lanes that people read by default.
  package struct Selection: Sendable {
    package var gateway: String?
    package var lane: Lane?

    package init(gateway: String? = nil, lane: Lane? = nil) {
      self.gateway = gateway
      self.lane = lane
    }
  }

  /// Events in order of arrival: the first `limit` beyond `row`.
  package func events(_ selection: Selection = Selection(), beyond row: Int = 0, limit: Int = .max) throws(PlaneError) -> [Event]
  {
    try naming { () throws(SQLiteError) in
      try database.rows(
        """
        SELECT row, fleet, name, lane, time, type, subject, bytes FROM event JOIN gateway ON gateway.id = event.gateway
        WHERE row > ?1 AND (?2 IS NULL OR name = ?2) AND (lane = ?3 OR ?3 IS NULL AND lane IN ('alarm', 'event'))
        ORDER BY row LIMIT ?4
        """, row, selection.gateway, selection.lane?.rawValue, limit
      ) { row throws(SQLiteError) in
        Event(
          row: row[0], fleet: row[1], gateway: row[2], lane: Lane(rawValue: row[3]) ?? .event, time: row[4], type: row[5],
          subject: row[6], bytes: row[7])
      }
    }
  }

  /// Numbers of a gateway's lane whose events it has no more.
  package struct Gap: Sendable, Equatable, Encodable {
    package var fleet: String
    package var gateway: String
    package var epoch: Epoch
    package var lane: String
    package var first: UInt64
    package var last: UInt64
    package var reason: String
    package var count: Int
    package var receivedAt: UnixTime
  }

  package func gaps(of gateway: String? = nil) throws(PlaneError) -> [Gap] {
    try naming { () throws(SQLiteError) in
      try database.rows(
        """
        SELECT fleet, name, epoch.epoch, lane, first, last, reason, count, received_at
        FROM gap JOIN epoch ON epoch.id = gap.epoch JOIN gateway ON gateway.id = epoch.gateway
        WHERE ?1 IS NULL OR name = ?1 ORDER BY received_at, lane, first
        """, gateway
      ) { row throws(SQLiteError) in
        Gap(
          fleet: row[0], gateway: row[1], epoch: row[2], lane: row[3], first: row[4], last: row[5], reason: row[6], count: row[7],
          receivedAt: row[8])
      }
    }
  }

  /// The row before the newest `count` events that are meant.
  package func row(beforeNewest count: Int, of selection: Selection) throws(PlaneError) -> Int {
    try naming { () throws(SQLiteError) in
      try database.first(
        """
        SELECT row FROM event JOIN gateway ON gateway.id = event.gateway
        WHERE (?1 IS NULL OR name = ?1) AND (lane = ?2 OR ?2 IS NULL AND lane IN ('alarm', 'event'))
        ORDER BY row DESC LIMIT 1 OFFSET ?3
        """, selection.gateway, selection.lane?.rawValue, count
      ) { $0[0] } ?? 0
    }
  }

  func naming<Result>(_ body: () throws(SQLiteError) -> Result) throws(PlaneError) -> Result {
    do { return try body() } catch { throw PlaneError(error, database.path) }
  }
}
