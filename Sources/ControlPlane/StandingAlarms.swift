import Contracts
import SQLite

/// The tables `standing`, alarms that are on and not shelved by the newest event of each, and `aside`, points out of service.
struct StandingAlarms {
  let database: Database
  let gateway: Int

  private struct Document: Decodable { var data: Data }
  private struct Data: Decodable {
    var alarm: String
    var machine: String?
    var points: [String]?
    /// Of what people did; left out where the alarm's own state changed.
    var state: String?
  }

  /// - Parameter event: new to the plane, in its lane's order.
  func take(_ event: [UInt8], _ facts: EventFacts) throws(SQLiteError) {
    switch facts.type {
    case Self.outOfService:
      try database.run("INSERT OR IGNORE INTO aside (gateway, point) VALUES (?, ?)", gateway, facts.subject)
    case Self.inService: try database.run("DELETE FROM aside WHERE gateway = ? AND point = ?", gateway, facts.subject)
    case _ where Self.types.contains(facts.type):
      guard let data = (try? JSON.decode(Document.self, from: event))?.data else { return }
      try take(data, isCleared: facts.type == Self.cleared)
    default: return
    }
  }

  private func take(_ data: Data, isCleared: Bool) throws(SQLiteError) {
    guard data.state.map({ Self.standing.contains($0) }) ?? !isCleared else {
      return try database.run("DELETE FROM standing WHERE gateway = ? AND alarm = ?", gateway, data.alarm)
    }
    try database.run(
      "INSERT OR REPLACE INTO standing (gateway, alarm, machine, points) VALUES (?, ?, ?, ?)", gateway, data.alarm,
      data.machine ?? "", JSON.text(data.points ?? []))
  }

  /// Of a gateway `g`: alarms with a point that is in service, as far as their points were told.
  static let count = """
    (SELECT count(*) FROM standing s WHERE s.gateway = g.id AND (json_array_length(s.points) = 0 OR EXISTS (
      SELECT 1 FROM json_each(s.points) member WHERE NOT EXISTS (
        SELECT 1 FROM aside WHERE aside.gateway = g.id AND aside.point = s.machine || '/' || member.value))))
    """

  private static let cleared = "org.thrum.alarm.cleared.v1"
  private static let outOfService = "org.thrum.point.out_of_service.v1"
  private static let inService = "org.thrum.point.in_service.v1"
  private static let standing: Set = ["unacknowledged", "acknowledged"]
  private static let types: Set = [
    "org.thrum.alarm.raised.v1", "org.thrum.alarm.escalated.v1", cleared, "org.thrum.alarm.acknowledged.v1",
    "org.thrum.alarm.shelved.v1", "org.thrum.alarm.unshelved.v1",
  ]
}

extension StandingAlarms {
  /// The tables, filled with what is stored already.
  static let migration = """
    CREATE TABLE standing (
      gateway INTEGER NOT NULL REFERENCES gateway (id), alarm TEXT NOT NULL, machine TEXT NOT NULL, points TEXT NOT NULL,
      PRIMARY KEY (gateway, alarm)) STRICT, WITHOUT ROWID;
    CREATE TABLE aside (
      gateway INTEGER NOT NULL REFERENCES gateway (id), point TEXT NOT NULL, PRIMARY KEY (gateway, point)) STRICT, WITHOUT ROWID;
    INSERT INTO standing
    SELECT gateway, alarm, coalesce(data ->> '$.machine', ''), coalesce(data -> '$.points', '[]') FROM (
      SELECT gateway, alarm, type, data, data ->> '$.state' AS state,
        row_number() OVER (PARTITION BY gateway, alarm ORDER BY row DESC) AS place
      FROM (
        SELECT row, gateway, type, data, data ->> '$.alarm' AS alarm FROM (
          SELECT row, gateway, type, json_extract(CAST(bytes AS TEXT), '$.data') AS data FROM event
          WHERE lane = 'alarm' AND type IN (\(types.sorted().map { "'\($0)'" }.joined(separator: ", ")))
            AND json_valid(CAST(bytes AS TEXT)))))
    WHERE place = 1 AND typeof(alarm) = 'text'
      AND CASE WHEN state IS NULL THEN type <> '\(cleared)' ELSE state IN ('unacknowledged', 'acknowledged') END;
    INSERT INTO aside
    SELECT gateway, subject FROM (
      SELECT gateway, subject, type, row_number() OVER (PARTITION BY gateway, subject ORDER BY row DESC) AS place
      FROM event WHERE lane = 'alarm' AND type IN ('\(outOfService)', '\(inService)'))
    WHERE place = 1 AND type = '\(outOfService)';
    """
}
