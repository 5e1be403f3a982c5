import Anomaly
import Contracts
import SQLite
import Signal

/// The table `alarm`: one row per alarm, its explanation with the envelope spectrum as JSON.
struct Alarms {
  let database: Database
  /// When what changed was read, by both clocks; `nil`: the clock is not looked at.
  var clock: ClockStamp?

  /// Makes the alarm's row or replaces what may change in it.
  func save(_ alarm: Alarm) throws(SQLiteError) {
    let before = try times(of: alarm.id)
    try write(alarm)
    guard let clock, let after = try times(of: alarm.id) else { return }
    let doubts = Doubts(database: database)
    for (column, time) in after.times where before?.times[column] != time {
      try doubts.noteAlarm(after.row, column, at: time, clock)
    }
  }

  /// What a clock has said of an alarm.
  enum TimeColumn: Int, CaseIterable {
    case raised, changed, cleared

    var name: String {
      switch self {
      case .raised: "raised_at"
      case .changed: "changed_at"
      case .cleared: "cleared_at"
      }
    }
  }

  private func times(of id: String) throws(SQLiteError) -> (row: Int, times: [TimeColumn: UnixTime?])? {
    try database.first("SELECT row, raised_at, changed_at, cleared_at FROM alarm WHERE id = ?", id) { row throws(SQLiteError) in
      (row[0] as Int, [.raised: row[1] as UnixTime, .changed: row[2] as UnixTime, .cleared: row[3] as UnixTime?])
    }
  }

  private func write(_ alarm: Alarm) throws(SQLiteError) {
    try database.run(
      """
      INSERT INTO alarm (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET
        state = excluded.state, priority = excluded.priority, members = excluded.members, changed_at = excluded.changed_at,
        cleared_at = excluded.cleared_at, acknowledged_by = excluded.acknowledged_by, explanation = excluded.explanation,
        suppressed_by = excluded.suppressed_by, suppressed_until = excluded.suppressed_until, note = excluded.note
      """, alarm.id, alarm.machine, alarm.state.rawValue, alarm.priority.rawValue, JSON.text(alarm.members.map(\.point)),
      alarm.raisedAt,
      alarm.changedAt, alarm.clearedAt, alarm.acknowledgedBy, JSON.text(alarm.explanation),
      alarm.suppressedBy, alarm.suppressedUntil, alarm.note)
  }

  /// The newest ones, newest first.
  func newest(_ limit: Int) throws(SQLiteError) -> [Alarm] {
    try database.rows("SELECT \(Self.columns) FROM alarm ORDER BY row DESC LIMIT ?", limit, read: Self.alarm)
  }

  func alarm(_ id: String) throws(SQLiteError) -> Alarm? {
    try database.first("SELECT \(Self.columns) FROM alarm WHERE id = ?", id, read: Self.alarm)
  }

  /// What a machine's alarms go on from: the newest one of each machine, closed or not.
  func newestOfEachMachine() throws(SQLiteError) -> [Alarm] {
    try database.rows(
      "SELECT \(Self.columns) FROM alarm WHERE row IN (SELECT max(row) FROM alarm GROUP BY machine) ORDER BY machine",
      read: Self.alarm)
  }

  /// Replaces what cannot be read any more, over which every start would stumble.
  /// - Returns: in how many alarms.
  func replaceUnreadable() throws(SQLiteError) -> Int {
    let all = try database.rows("SELECT row, members, explanation FROM alarm") { row throws(SQLiteError) in
      (
        row: row[0] as Int, isGathered: (try? row.json(1, as: [String].self)) != nil,
        isExplained: (try? row.json(2, as: Explanation.self)) != nil
      )
    }
    let damaged = all.filter { !$0.isGathered || !$0.isExplained }
    for alarm in damaged where !alarm.isGathered { try database.run("UPDATE alarm SET members = '[]' WHERE row = ?", alarm.row) }
    for alarm in damaged where !alarm.isExplained {
      try database.run("UPDATE alarm SET explanation = ? WHERE row = ?", JSON.text(Explanation.lost), alarm.row)
    }
    return damaged.count
  }

  private static let columns = """
    id, machine, state, priority, members, raised_at, changed_at, cleared_at, acknowledged_by, explanation, suppressed_by, \
    suppressed_until, note
    """

  private static func alarm(_ row: borrowing Statement) throws(SQLiteError) -> Alarm {
    let machine: String = row[1]
    var alarm = Alarm(
      id: row[0], machine: machine, state: row.text(2, as: Alarm.State.self) ?? .unacknowledged,
      priority: row.text(3, as: Alarm.Priority.self) ?? .alarm,
      members: try row.json(4, as: [String].self).map { PointID(machine: machine, point: $0) }, raisedAt: row[5],
      changedAt: row[6],
      clearedAt: row[7], acknowledgedBy: row[8], explanation: try row.json(9, as: Explanation.self))
    (alarm.suppressedBy, alarm.suppressedUntil, alarm.note) = (row[10], row[11], row[12])
    return alarm
  }
}
