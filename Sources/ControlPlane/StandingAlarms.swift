import Contracts
import SQLite

/// The table `standing`: alarms that are on and not put aside, by the newest event of each.
struct StandingAlarms {
  let database: Database
  let gateway: Int

  private struct Document: Decodable { var data: Data }
  private struct Data: Decodable {
    var alarm: String
    /// Of what people did; left out where the alarm's own state changed.
    var state: String?
  }

  /// - Parameter event: new to the plane, in its lane's order.
  func take(_ event: [UInt8], _ facts: EventFacts) throws(SQLiteError) {
    guard Self.types.contains(facts.type), let data = (try? JSON.decode(Document.self, from: event))?.data else { return }
    let stands = data.state.map { $0 == "unacknowledged" || $0 == "acknowledged" } ?? (facts.type != Self.cleared)
    let order =
      stands
      ? "INSERT OR IGNORE INTO standing (gateway, alarm) VALUES (?, ?)" : "DELETE FROM standing WHERE gateway = ? AND alarm = ?"
    try database.run(order, gateway, data.alarm)
  }

  private static let cleared = "org.thrum.alarm.cleared.v1"
  private static let types: Set = [
    "org.thrum.alarm.raised.v1", "org.thrum.alarm.escalated.v1", cleared, "org.thrum.alarm.acknowledged.v1",
    "org.thrum.alarm.shelved.v1", "org.thrum.alarm.unshelved.v1",
  ]

  /// The table, filled with what is stored already.
  static let migration = """
    CREATE TABLE standing (
      gateway INTEGER NOT NULL REFERENCES gateway (id), alarm TEXT NOT NULL, PRIMARY KEY (gateway, alarm)) STRICT, WITHOUT ROWID;
    INSERT INTO standing
    SELECT gateway, alarm FROM (
      SELECT gateway, alarm, type, state, row_number() OVER (PARTITION BY gateway, alarm ORDER BY row DESC) AS place FROM (
        SELECT row, gateway, type, json_extract(CAST(bytes AS TEXT), '$.data.alarm') AS alarm,
          json_extract(CAST(bytes AS TEXT), '$.data.state') AS state
        FROM event WHERE lane = 'alarm' AND type IN (\(types.sorted().map { "'\($0)'" }.joined(separator: ", ")))
          AND json_valid(CAST(bytes AS TEXT))))
    WHERE place = 1 AND typeof(alarm) = 'text'
      AND CASE WHEN state IS NULL THEN type <> '\(cleared)' ELSE state IN ('unacknowledged', 'acknowledged') END;
    """
}
