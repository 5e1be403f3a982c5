import Contracts
import SQLite

/// Reads a store through beside its writer: every row of every table, every event against its chain, in snapshots of milliseconds.
struct Scrub {
  private let path: String
  private static let rowsAtOnce = 200

  init(_ path: String) { self.path = path }

  func run(next: () -> Bool) throws(StoreError) -> String? {
    let database = try naming("check", path) { () throws(SQLiteError) in
      let database = try Database(path: path, mode: .readOnly)
      try database.execute("PRAGMA cell_size_check = ON; PRAGMA cache_size = -256")
      return database
    }
    do throws(SQLiteError) {
      for table in Self.tables { guard try read(table, in: database, next) else { return nil } }
      if let damage = try checkEvents(in: database, next) { return damage }
      return try checkIndex(in: database, next)
    } catch {
      guard error.isCorrupt else { throw StoreError("check", path, error) }
      return "\(error.operation) \(error.object.prefix(60)): \(error.reason)"
    }
  }

  private static let tables = [
    ("epoch", "number"), ("lane", "lane"), ("daemon", "id"), ("point", "id"), ("ledger", "point"), ("model", "point"),
    ("watch", "point"),
    ("alarm", "row"), ("label", "row"), ("maintenance", "row"), ("audit", "row"), ("suppression", "machine, point"),
    ("source_sequence", "point, first"), ("baseline", "point, number"), ("trend", "point, number"),
    ("redelivery", "session, slot"), ("model_version", "digest"), ("model_road", "machine, point"), ("prediction", "row"),
    ("raised_window", "row"),
  ]

  /// - Returns: false when it was told to end.
  private func read(_ table: (name: String, key: String), in database: Database, _ next: () -> Bool) throws(SQLiteError) -> Bool {
    let keys = table.key.split(separator: ",").count
    let places = Array(repeating: "?", count: keys).joined(separator: ", ")
    var last: [AnyValue]?
    repeat {
      guard next() else { return false }
      let condition = last == nil ? "" : "WHERE (\(table.key)) > (\(places))"
      let statement = try database.prepare(
        "SELECT \(table.key), * FROM \(table.name) \(condition) ORDER BY \(table.key) LIMIT \(Self.rowsAtOnce)")
      for (index, value) in (last ?? []).enumerated() { try value.bind(to: statement, at: Int32(index + 1)) }
      var rows = 0
      while try statement.step() {
        rows += 1
        last = (0..<keys).map { statement.value(Int32($0)) }
      }
      if rows < Self.rowsAtOnce { return true }
    } while true
  }

  private func checkEvents(in database: Database, _ next: () -> Bool) throws(SQLiteError) -> String? {
    let starts = try database.rows("SELECT number, epoch FROM epoch") { ($0[0] as Int, Epoch(unchecked: $0[1] as [UInt8])) }
    for (number, epoch) in starts {
      for lane in Lane.allCases {
        var (sequence, hash): (UInt64, ChainHash?) = (0, ChainHash(epoch))
        while true {
          guard next() else { return nil }
          let events = try database.rows(
            "SELECT sequence, hash, bytes FROM event WHERE epoch = ? AND lane = ? AND sequence > ? ORDER BY sequence LIMIT ?",
            number,
            lane.rawValue, sequence, Self.rowsAtOnce
          ) { (sequence: $0[0] as UInt64, hash: $0[1] as ChainHash, bytes: $0[2] as [UInt8]) }
          for event in events {
            // Behind a gap, or where a renewed numbering took the rest away, there is nothing to go on from.
            if event.sequence == sequence + 1, let hash, hash.appending(event.bytes) != event.hash {
              return "event \(event.sequence) of lane \(lane.rawValue) is not what was written"
            }
            (sequence, hash) = (event.sequence, event.hash)
          }
          if events.count < Self.rowsAtOnce { break }
        }
      }
    }
    return nil
  }

  /// An event that the index of numbers does not lead to would never be sent.
  private func checkIndex(in database: Database, _ next: () -> Bool) throws(SQLiteError) -> String? {
    var row = 0
    while true {
      guard next() else { return nil }
      let stray = try database.rows(
        """
        SELECT row, (SELECT row FROM event AS found WHERE found.epoch = event.epoch AND found.lane = event.lane
          AND found.sequence = event.sequence) IS event.row
        FROM event NOT INDEXED WHERE row > ? ORDER BY row LIMIT ?
        """, row, Self.rowsAtOnce
      ) { (row: $0[0] as Int, isFound: $0[1] as Bool) }
      if let lost = stray.first(where: { !$0.isFound }) { return "the index of events does not lead to row \(lost.row)" }
      guard stray.count == Self.rowsAtOnce, let last = stray.last else { return nil }
      row = last.row
    }
  }
}
