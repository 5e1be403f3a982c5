import Contracts
import SQLite

/// Numbers of a lane whose events are kept no more (PROTOCOL "gap").
package struct Gap: Sendable, Equatable {
  package var lane: Lane
  package var first: UInt64
  package var last: UInt64
  package var reason: String
  /// Events that are gone; may differ from the numbers once a numbering was renewed.
  package var count: Int
  /// The chain after `last`.
  package var hash: ChainHash
}

/// The table `gap`. Neighbours of one reason become one row, so that there are never many.
struct Gaps {
  let database: Database

  func add(_ gap: Gap, in epoch: Int) throws(SQLiteError) {
    var gap = gap
    let before = try database.first(
      "SELECT first, count FROM gap WHERE epoch = ? AND lane = ? AND last = ? AND reason = ?", epoch, gap.lane.rawValue,
      gap.first - 1, gap.reason
    ) { (first: $0[0] as UInt64, count: $0[1] as Int) }
    if let before { (gap.first, gap.count) = (before.first, gap.count + before.count) }
    try database.run(
      "INSERT OR REPLACE INTO gap (epoch, lane, first, last, reason, count, hash) VALUES (?, ?, ?, ?, ?, ?, ?)", epoch,
      gap.lane.rawValue, gap.first, gap.last, gap.reason, gap.count, gap.hash)
  }

  /// Those that reach beyond a number, in order.
  func all(of lane: Lane, beyond sequence: UInt64, in epoch: Int) throws(SQLiteError) -> [Gap] {
    try database.rows(
      "SELECT first, last, reason, count, hash FROM gap WHERE epoch = ? AND lane = ? AND last > ? ORDER BY first", epoch,
      lane.rawValue, sequence
    ) { Gap(lane: lane, first: $0[0], last: $0[1], reason: $0[2], count: $0[3], hash: $0[4]) }
  }

  /// The one that holds a number.
  func around(_ sequence: UInt64, of lane: Lane, in epoch: Int) throws(SQLiteError) -> Gap? {
    try all(of: lane, beyond: sequence - 1, in: epoch).first.flatMap { $0.first <= sequence ? $0 : nil }
  }
}
