import Anomaly
import Contracts
import SQLite
import Signal

/// Makes room by worth: old trends, what the plane has, closed alarms, and only then what the plane has not got: samples, evidence,
/// trends, events, alarms last;
/// what belongs to an open alarm is never given up. Everything given up is counted, and unsent events leave a gap in their lane.
struct Eviction {
  let database: Database
  let limits: StoreLimits
  let maxAgeDays: Int

  /// Rows that one commit gives up at most, so that none takes long.
  static let slice = 400

  /// Pages that hold something.
  private var used: Int {
    get throws(SQLiteError) { try database.pragma("page_count") - database.pragma("freelist_count") }
  }

  /// With every commit: keeps a tenth of the room free, and lets go what is older than it must be kept.
  func keepRoom() throws(SQLiteError) {
    if try used > limits.pages / 10 * 9 { try makeRoom() }
    try dropAged()
    guard !limits.preallocate, try database.pragma("freelist_count") > max(1024, try database.pragma("page_count") / 4) else {
      return
    }
    try database.execute("PRAGMA incremental_vacuum(64)")
  }

  /// Most of the room is used: it is the store itself that is full.
  var isNearCap: Bool {
    get throws(SQLiteError) { try used > limits.pages / 10 * 8 }
  }

  /// - Returns: whether there was anything to give up.
  @discardableResult
  func makeRoom(sparingUnsent: Bool = false) throws(SQLiteError) -> Bool {
    if try dropTrends(keeping: 1440) { return true }
    if try dropDelivered({ _ in true }) { return true }
    if try dropClosedAlarms() { return true }
    if try dropTrends(keeping: 60) { return true }
    if sparingUnsent { return false }
    if try dropUnsent(.sample, where: "1") { return true }
    if try dropUnsent(.evidence, where: Self.isSettled) { return true }
    if try dropUnsent(.trend, where: "1") { return true }
    if try dropUnsent(.evidence, where: "1") { return true }
    if try dropUnsent(.event, where: "1") { return true }
    return try dropUnsent(.alarm, where: "subject NOT IN (SELECT machine FROM alarm WHERE state <> 'closed')")
  }

  /// The event's point belongs to no machine with an open alarm.
  private static let isSettled =
    "NOT EXISTS (SELECT 1 FROM alarm WHERE state <> 'closed' AND (subject = machine OR subject LIKE machine || '/%'))"

  // MARK: one kind after the other

  /// Of the point with the longest history the oldest rows.
  private func dropTrends(keeping: Int) throws(SQLiteError) -> Bool {
    let longest = try database.first(
      """
      SELECT id, last, last - first + 1 AS rows FROM (
        SELECT id, (SELECT min(number) FROM trend WHERE point = id) AS first, (SELECT max(number) FROM trend WHERE point = id) AS last
        FROM point) WHERE last IS NOT NULL ORDER BY rows DESC LIMIT 1
      """
    ) { (point: $0[0] as Int, last: $0[1] as Int, rows: $0[2] as Int) }
    guard let longest, longest.rows > keeping else { return false }
    let first = longest.last - longest.rows + 1
    let until = min(first + Self.slice, longest.last - keeping + 1)
    let span = try database.first(
      "SELECT min(time), max(time) FROM trend WHERE point = ? AND number < ?", longest.point, until
    ) { Span($0[0], $0[1]) }
    try database.run("DELETE FROM trend WHERE point = ? AND number < ?", longest.point, until)
    try count("trends", until - first, span)
    return true
  }

  /// Events older than they must be kept, as the newest event's time tells: a clock that leaps is nobody's age.
  private func dropAged() throws(SQLiteError) {
    let ends: (UnixTime?, UnixTime?) = (try end("ASC"), try end("DESC"))
    guard let oldest = ends.0, let newest = ends.1, newest.nanoseconds > .min / 2 else { return }
    let limit = newest.nanoseconds - Int64(maxAgeDays) * 86_400_000_000_000
    if oldest.nanoseconds < limit { try dropDelivered { $0.time.nanoseconds < limit } }
  }

  private func end(_ order: String) throws(SQLiteError) -> UnixTime? {
    try database.first("SELECT time FROM event ORDER BY row \(order) LIMIT 1") { $0[0] }
  }

  /// The oldest that were settled under an earlier numbering, or that the plane has.
  @discardableResult
  private func dropDelivered(_ isMeant: (Row) -> Bool) throws(SQLiteError) -> Bool {
    guard let epoch = try Epochs(database: database).current() else { return false }
    let columns = "SELECT row, epoch, lane, sequence, time, hash FROM event"
    let settled = try database.rows(
      "\(columns) WHERE epoch < ? ORDER BY epoch, lane, sequence LIMIT ?", epoch.number, Self.slice, read: Row.init)
    if try drop(settled.filter(isMeant), as: "delivered", in: epoch) { return true }
    for head in try Lanes(database: database).heads() {
      let delivered = try database.rows(
        "\(columns) WHERE epoch = ? AND lane = ? AND sequence <= ? ORDER BY sequence LIMIT ?", epoch.number, head.lane.rawValue,
        head.through, Self.slice, read: Row.init)
      if try drop(delivered.filter(isMeant), as: "delivered", in: epoch) { return true }
    }
    return false
  }

  /// The oldest of a lane that the plane has not got.
  private func dropUnsent(_ lane: Lane, where condition: String) throws(SQLiteError) -> Bool {
    guard let epoch = try Epochs(database: database).current() else { return false }
    let head = try Lanes(database: database).head(of: lane)
    let oldest = try database.rows(
      """
      SELECT row, epoch, lane, sequence, time, hash FROM event
      WHERE epoch = ? AND lane = ? AND sequence > ? AND \(condition) ORDER BY sequence LIMIT ?
      """, epoch.number, lane.rawValue, head.through, Self.slice, read: Row.init)
    return try drop(oldest, as: "evicted", in: epoch)
  }

  private func drop(_ rows: [Row], as reason: String, in epoch: EpochRow) throws(SQLiteError) -> Bool {
    guard !rows.isEmpty else { return false }
    for row in rows {
      try database.run("DELETE FROM event WHERE row = ?", row.row)
      guard row.epoch == epoch.number else { continue }
      let gap = Gap(lane: row.lane, first: row.sequence, last: row.sequence, reason: reason, count: 1, hash: row.hash)
      try Gaps(database: database).add(gap, in: epoch.number)
    }
    for (lane, share) in Dictionary(grouping: rows, by: \.lane) {
      try count(
        "\(reason) \(lane.rawValue)s", share.count,
        Span(share.map(\.time).min() ?? UnixTime(nanoseconds: 0), share.map(\.time).max() ?? UnixTime(nanoseconds: 0)))
    }
    return true
  }

  /// Each machine keeps its newest alarm, from which it goes on.
  private func dropClosedAlarms() throws(SQLiteError) -> Bool {
    let rows = try database.rows(
      """
      SELECT row, changed_at FROM alarm
      WHERE state = 'closed' AND row NOT IN (SELECT max(row) FROM alarm GROUP BY machine) ORDER BY row LIMIT ?
      """, Self.slice / 4
    ) { (row: $0[0] as Int, time: $0[1] as UnixTime) }
    guard let first = rows.first, let last = rows.last else { return false }
    for row in rows { try database.run("DELETE FROM alarm WHERE row = ?", row.row) }
    try count("closed alarms", rows.count, Span(first.time, last.time))
    return true
  }

  // MARK: counting

  private struct Row {
    let row: Int, epoch: Int, lane: Lane, sequence: UInt64, time: UnixTime, hash: ChainHash

    init(_ row: borrowing Statement) throws(SQLiteError) {
      (self.row, epoch, lane) = (row[0], row[1], row.text(2, as: Lane.self) ?? .event)
      (sequence, time, hash) = (row[3], row[4], row[5])
    }
  }

  private struct Span {
    let from: UnixTime, to: UnixTime
    init(_ from: UnixTime, _ to: UnixTime) { (self.from, self.to) = (from, to) }
  }

  private func count(_ what: String, _ rows: Int, _ span: Span?) throws(SQLiteError) {
    if let span { try Self.count(what, rows, from: span.from, to: span.to, in: database) }
  }

  static func count(_ what: String, _ rows: Int, from: UnixTime, to: UnixTime, in database: Database) throws(SQLiteError) {
    try database.run(
      """
      INSERT INTO eviction (what, rows, first_at, last_at) VALUES (?, ?, ?, ?) ON CONFLICT (what) DO UPDATE SET
        rows = rows + excluded.rows, first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)
      """, what, rows, from, to)
  }
}

/// What was given up for room or age, since the store was made.
package struct EvictionRecord: Sendable, Equatable {
  /// `trends`, `delivered events`, `closed alarms`, `evicted events`, `evicted alarms` …
  package var what: String
  package var rows: Int
  package var from: UnixTime
  package var to: UnixTime
}
