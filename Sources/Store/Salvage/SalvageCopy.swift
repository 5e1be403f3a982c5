import Contracts
import SQLite
import Signal

/// Copies the rows of every table, in the order of their worth. A row that is there already is replaced.
struct SalvageCopy {
  private let source: Database
  private let target: Database
  private let trendRows: Int?
  /// By table.
  private(set) var lost: [String: Int] = [:]
  private(set) var lostFrom: UnixTime?
  private(set) var lostTo: UnixTime?

  /// - Parameter trendRows: of each point, at most; what is left out is counted as given up. `nil`: all.
  init(from source: Database, to target: Database, trendRows: Int?) {
    (self.source, self.target, self.trendRows) = (source, target, trendRows)
  }

  mutating func run() throws(SQLiteError) {
    for (table, key) in [
      ("epoch", "number"), ("daemon", "id"), ("point", "id"), ("ledger", "point"), ("model", "point"), ("watch", "point"),
    ] {
      try copy(table, key: key)
    }
    try copyPointNames()
    for (table, key) in [
      ("lane", "lane"), ("ledger_reason", "point, fate, reason"), ("source_sequence", "point, first"), ("session", "name"),
      ("suppression", "machine, point"), ("learning_stop", "machine, point"), ("gap", "epoch, lane, first"), ("eviction", "what"),
      ("written", "day"), ("incident", "number"), ("model_version", "digest"), ("model_road", "machine, point"),
      ("revoked", "id"),
    ] { try copyFromBothEnds(table, key: key) }
    for table in ["alarm", "label", "maintenance", "audit", "prediction", "raised_window"] { try copy(table, key: "row") }
    try copyEvents()
    try copy("doubt", key: "number")
    for name in try target.rows("SELECT name FROM session", read: { $0[0] as AnyValue }) {
      try copy("redelivery", prefix: ("session", name), key: "slot")
    }
    let points =
      try target.first("SELECT max(coalesce(max(id), 0), (SELECT coalesce(max(point), 0) FROM ledger)) FROM point") {
        $0[0] as Int
      } ?? 0
    guard points > 0 else { return }
    for point in 1...points {
      try copy("baseline", prefix: ("point", .integer(Int64(point))), key: "number")
      try copy("trend", prefix: ("point", .integer(Int64(point))), key: "number", from: try firstTrend(of: point))
    }
  }

  /// The number from which on a point's history is copied.
  private func firstTrend(of point: Int) throws(SQLiteError) -> Int64 {
    guard let trendRows,
      let last = try? source.first("SELECT max(number) FROM trend WHERE point = ?", point, read: { $0[0] as Int }),
      let old = try? source.first(
        "SELECT count(*), min(time), max(time) FROM trend WHERE point = ? AND number <= ?", point, last - trendRows,
        read: { (rows: $0[0] as Int, from: $0[1] as UnixTime, to: $0[2] as UnixTime) }), old.rows > 0
    else { return 0 }
    try Eviction.count("trends", old.rows, from: old.from, to: old.to, in: target)
    return Int64(last - trendRows + 1)
  }

  // MARK: tables whose keys are whole numbers

  private mutating func copy(
    _ table: String, prefix: (String, AnyValue)? = nil, key: String, from first: Int64 = 0
  ) throws(SQLiteError) {
    try copy(table, prefix: prefix, key: key, from: first) { _, _ in true }
  }

  /// - Parameter isGood: whether a row that could be read is what it was written as.
  private mutating func copy(
    _ table: String, prefix: (String, AnyValue)? = nil, key: String, from first: Int64 = 0,
    isGood: ([String], [AnyValue]) -> Bool
  ) throws(SQLiteError) {
    let columns = try columns(of: table)
    guard !columns.isEmpty else { return }
    var gone: [Int64] = []
    let walk = KeyWalk(source, table, columns, prefix: prefix.map { [$0] } ?? [], key: key) { gone.append($0) }
    let target = target
    let insert = Self.insert(table, columns)
    try walk.run(from: key == "day" ? .min : first) { number, row throws(SQLiteError) in
      guard isGood(columns, row) else { return gone.append(number) }
      do throws(SQLiteError) { try target.run(insert, all: row) } catch {
        // What the table refuses was not written so.
        guard error.isConstraint else { throw error }
        gone.append(number)
      }
    }
    let condition = prefix.map { "\($0.0) = ? AND " } ?? ""
    var absent: [Int64] = []
    for number in gone {
      let values = (prefix.map { [$0.1] } ?? []) + [.integer(number)]
      if try !target.exists("SELECT 1 FROM \(table) WHERE \(condition)\(key) = ?", values) { absent.append(number) }
    }
    count(absent, of: table)
    if table == "event" { try span(absent) }
  }

  private mutating func count(_ gone: [Int64], of table: String) {
    if !gone.isEmpty { lost[table, default: 0] += gone.count }
  }

  private mutating func span(_ gone: [Int64]) throws(SQLiteError) {
    guard let first = gone.min(), let last = gone.max() else { return }
    lostFrom = try target.first("SELECT time FROM event WHERE row < ? ORDER BY row DESC LIMIT 1", Int(first)) { $0[0] }
    lostTo = try target.first("SELECT time FROM event WHERE row > ? ORDER BY row LIMIT 1", Int(last)) { $0[0] }
  }

  // MARK: events prove themselves

  private mutating func copyEvents() throws(SQLiteError) {
    let proof = EventProof(epochs: try target.rows("SELECT number, epoch FROM epoch") { ($0[0] as Int64, $0[1] as [UInt8]) })
    try copy("event", key: "row") { columns, row in proof.accepts(columns, row) }
  }

  static let carvedColumns = ["epoch", "lane", "sequence", "id", "time", "type", "subject", "hash", "bytes"]

  /// An event found in a page that nothing leads to: it may be long deleted, or there already.
  static func addCarved(_ row: Int64, _ values: [AnyValue], to target: Database) throws(SQLiteError) {
    let isGone = try target.exists(
      "SELECT 1 FROM gap WHERE epoch = ? AND lane = ? AND ? BETWEEN first AND last", [values[0], values[1], values[2]])
    guard !isGone, EventProof(epochs: []).accepts(carvedColumns, values) else { return }
    let names = (["row"] + carvedColumns).joined(separator: ", ")
    try target.run("INSERT OR IGNORE INTO event (\(names)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", all: [.integer(row)] + values)
  }

  /// Carved events came in no order: now that all are there each is held against its predecessor.
  static func dropUnproven(in target: Database) throws(SQLiteError) {
    let proof = EventProof(epochs: try target.rows("SELECT number, epoch FROM epoch") { ($0[0] as Int64, $0[1] as [UInt8]) })
    var wrong: [AnyValue] = []
    let statement = try target.prepare(
      "SELECT row, \(carvedColumns.joined(separator: ", ")) FROM event ORDER BY epoch, lane, sequence")
    while try statement.step() {
      let values = carvedColumns.indices.map { statement.value(Int32($0 + 1)) }
      if !proof.accepts(carvedColumns, values) { wrong.append(statement.value(0)) }
    }
    for row in wrong { try target.run("DELETE FROM event WHERE row = ?", all: [row]) }
  }

  // MARK: small tables

  /// Forward until reading fails, then backward until it fails.
  private mutating func copyFromBothEnds(_ table: String, key: String) throws(SQLiteError) {
    let columns = try columns(of: table)
    guard !columns.isEmpty else { return }
    let insert = Self.insert(table, columns)
    var failed = false
    for order in ["ASC", "DESC"] {
      let keys = key.split(separator: ",").map { "\($0) \(order)" }.joined(separator: ",")
      do throws(SQLiteError) {
        let statement = try source.prepare("SELECT \(columns.joined(separator: ", ")) FROM \(table) ORDER BY \(keys)")
        while try statement.step() {
          let row = columns.indices.map { statement.value(Int32($0)) }
          do throws(SQLiteError) { try target.run(insert, all: row) } catch {
            guard error.isConstraint else { throw error }
            lost[table, default: 0] += 1
          }
        }
        return
      } catch {
        guard error.isCorrupt else { throw error }
        failed = true
      }
    }
    // How many rows lay between the two ends is not known: one at least.
    if failed { lost[table, default: 0] += 1 }
  }

  /// A point whose state is gone keeps its name and number as long as the index of names can be read.
  private mutating func copyPointNames() throws(SQLiteError) {
    let names = try? source.rows("SELECT id, machine, point FROM point ORDER BY machine, point") {
      ($0[0] as Int, PointID(machine: $0[1], point: $0[2]))
    }
    for (number, point) in names ?? [] where try !target.exists("SELECT 1 FROM point WHERE id = ?", [.integer(Int64(number))]) {
      try Points(database: target).restore(point, as: number)
    }
  }

  // MARK: the tables' outlines

  /// In the table of today and in the damaged one; none when the damaged one has no such table.
  private func columns(of table: String) throws(SQLiteError) -> [String] {
    let wanted = try target.rows("SELECT name FROM pragma_table_info(?)", table) { $0[0] as String }
    guard let found = try? source.rows("SELECT name FROM pragma_table_info(?)", table, read: { $0[0] as String }) else {
      return wanted
    }
    return wanted.filter(found.contains)
  }

  private static func insert(_ table: String, _ columns: [String]) -> String {
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    return "INSERT OR REPLACE INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))"
  }
}

/// Whether an event's bytes are the ones that were chained. An event whose predecessor is gone cannot be proven: it is taken if it
/// reads as an event.
final class EventProof {
  private struct Place { var sequence: Int64, hash: ChainHash? }
  private var places: [String: Place] = [:]
  private var starts: [Int64: [UInt8]]

  init(epochs: [(Int64, [UInt8])]) { starts = Dictionary(epochs) { $1 } }

  func accepts(_ columns: [String], _ row: [AnyValue]) -> Bool {
    var cells = Dictionary(zip(columns, row)) { $1 }
    guard case .integer(let epoch)? = cells["epoch"], case .text(let lane)? = cells.removeValue(forKey: "lane"),
      case .integer(let sequence)? = cells["sequence"], case .blob(let stored)? = cells["hash"],
      case .blob(let bytes)? = cells["bytes"],
      Lane(rawValue: lane) != nil, let hash = ChainHash(stored)
    else { return false }
    let key = "\(epoch) \(lane)"
    let before = places[key] ?? Place(sequence: 0, hash: starts[epoch].map { ChainHash(unchecked: $0) })
    guard sequence == before.sequence + 1, let known = before.hash else {
      places[key] = Place(sequence: sequence, hash: hash)
      return (try? JSON.decode(CloudEvent.self, from: bytes)) != nil
    }
    let isProven = known.appending(bytes) == hash
    places[key] = Place(sequence: sequence, hash: isProven ? hash : nil)
    return isProven
  }
}
