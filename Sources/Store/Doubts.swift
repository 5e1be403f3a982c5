import Contracts
import SQLite
import Signal

/// Rows whose time was given by a clock in doubt, and how they are put right once it is known.
struct Doubts {
  let database: Database

  /// The newest so many can be put right.
  static let most = 20_000

  /// The event that was just inserted.
  func noteEvent(_ stamp: ClockStamp) throws(SQLiteError) {
    guard stamp.isInDoubt else { return }
    try database.run(
      "INSERT INTO doubt (boot, uptime, kind, point, row) VALUES (?, ?, 'event', 0, last_insert_rowid())", stamp.boot,
      stamp.uptime)
    try trim()
  }

  /// - Parameter time: as the row has it; a source's own time is its own affair.
  func noteTrend(_ number: Int, of point: Int, at time: UnixTime, _ stamp: ClockStamp) throws(SQLiteError) {
    guard stamp.isInDoubt, abs(time.seconds(since: stamp.wall)) < 5 else { return }
    try database.run(
      "INSERT INTO doubt (boot, uptime, kind, point, row) VALUES (?, ?, 'trend', ?, ?)", stamp.boot, stamp.uptime, point, number)
    try trim()
  }

  /// Replaces what was noted of that time before; a time that is gone, or that a source gave, leaves no doubt.
  func noteAlarm(_ row: Int, _ column: Alarms.TimeColumn, at time: UnixTime?, _ stamp: ClockStamp) throws(SQLiteError) {
    try database.run("DELETE FROM doubt WHERE kind = 'alarm' AND point = ? AND row = ?", column.rawValue, row)
    guard stamp.isInDoubt, let time, abs(time.seconds(since: stamp.wall)) < 5 else { return }
    try database.run(
      "INSERT INTO doubt (boot, uptime, kind, point, row) VALUES (?, ?, 'alarm', ?, ?)", stamp.boot, stamp.uptime,
      column.rawValue, row)
    try trim()
  }

  /// Gives this boot's rows the times that the new one means. A later leap may do so again.
  /// - Returns: how many.
  @discardableResult
  func correct(by jump: ClockJump) throws(SQLiteError) -> Int {
    guard jump.corrects else { return 0 }
    let start = jump.to.nanoseconds - jump.uptimeMs * 1_000_000
    try database.run(
      """
      UPDATE event SET time = ?1 + doubt.uptime FROM doubt
      WHERE doubt.kind = 'event' AND doubt.boot = ?2 AND event.row = doubt.row
      """, start, jump.bootId)
    try database.run(
      """
      UPDATE trend SET time = ?1 + doubt.uptime FROM doubt
      WHERE doubt.kind = 'trend' AND doubt.boot = ?2 AND trend.point = doubt.point AND trend.number = doubt.row
      """, start, jump.bootId)
    for column in Alarms.TimeColumn.allCases {
      try database.run(
        """
        UPDATE alarm SET \(column.name) = ?1 + doubt.uptime FROM doubt
        WHERE doubt.kind = 'alarm' AND doubt.boot = ?2 AND doubt.point = ?3 AND alarm.row = doubt.row
        """, start, jump.bootId, column.rawValue)
    }
    try database.run("UPDATE doubt SET corrected = 1 WHERE boot = ?", jump.bootId)
    return try database.first("SELECT count(*) FROM doubt WHERE boot = ?", jump.bootId) { $0[0] } ?? 0
  }

  private func trim() throws(SQLiteError) {
    let newest: Int = try database.first("SELECT max(number) FROM doubt") { $0[0] } ?? 0
    guard newest.isMultiple(of: 500) else { return }
    try database.run("DELETE FROM doubt WHERE number <= ?", newest - Self.most)
  }
}

/// What is known of the clock that gave a row its time.
package enum ClockMark: String, Sendable, Codable {
  /// It showed a time that cannot be.
  case inDoubt = "in doubt"
  /// It showed a time that can be, and nobody vouched for it.
  case unvouched
  /// It leapt later, and the row's time with it.
  case putRight = "put right"

  private struct Stamp: Decodable { var clock: ClockQuality? }

  /// - Parameter event: the CloudEvent as it was stamped.
  init(isPutRight: Bool, event: [UInt8]) {
    let isWrong = (try? JSON.decode(Stamp.self, from: event))?.clock == .wrong
    self = isPutRight ? .putRight : isWrong ? .inDoubt : .unvouched
  }
}
