import Contracts
import SQLite
import Signal

/// Times that a gateway gave while its clock was in doubt, put right by what it says later of the same boot. The events' bytes stay.
struct Boots {
  let database: Database
  let gateway: Int

  private struct Document: Decodable { var data: ClockJump }

  /// - Parameter event: stored just now, or before.
  func take(_ event: [UInt8], _ facts: EventFacts) throws(SQLiteError) {
    if let doubt = facts.doubt { try note(facts.id, doubt.boot, doubt.uptime) }
    guard facts.type == ClockJump.type, let jump = try? JSON.decode(Document.self, from: event).data, jump.corrects,
      (0...Self.longestUptimeMs).contains(jump.uptimeMs)
    else { return }
    try database.run(
      "INSERT OR REPLACE INTO boot (gateway, boot, began) VALUES (?, ?, ?)", gateway, jump.bootId,
      jump.to.nanoseconds &- jump.uptimeMs * 1_000_000)
    try correct(jump.bootId)
  }

  private static let longestUptimeMs: Int64 = 3_155_760_000_000

  private func note(_ id: String, _ boot: String, _ uptime: Int64) throws(SQLiteError) {
    try database.run(
      """
      INSERT OR IGNORE INTO doubt (gateway, boot, event, uptime)
      SELECT gateway, ?3, row, ?4 FROM event WHERE gateway = ?1 AND id = ?2
      """, gateway, id, boot, uptime)
    // What came later than the news of its boot.
    try database.run(
      """
      UPDATE event SET time = (SELECT began FROM boot WHERE gateway = ?1 AND boot = ?3) + ?4
      WHERE gateway = ?1 AND id = ?2 AND EXISTS (SELECT 1 FROM boot WHERE gateway = ?1 AND boot = ?3)
      """, gateway, id, boot, uptime)
  }

  private func correct(_ boot: String) throws(SQLiteError) {
    try database.run(
      """
      UPDATE event SET time = boot.began + doubt.uptime FROM doubt JOIN boot ON boot.gateway = doubt.gateway AND boot.boot = doubt.boot
      WHERE doubt.gateway = ?1 AND doubt.boot = ?2 AND event.row = doubt.event
      """, gateway, boot)
    try database.run("UPDATE doubt SET corrected = 1 WHERE gateway = ? AND boot = ?", gateway, boot)
  }
}
