import Contracts
import SQLite
import Signal

/// What a gateway says of the models that were rolled out to it: `up/reported`.
package struct ReportedModels: Sendable, Equatable {
  package struct Row: Codable, Sendable, Equatable {
    package var model: String
    package var version: String
    package var sha256: String
    /// `arrived`, `shadow`, `canary`, `active`, `retired`, `failed`, `rolled_back`, `revoked`.
    package var stage: String
    /// Why it did not go on.
    package var reason: String?

    package init(model: String, version: String, sha256: String, stage: String, reason: String? = nil) {
      (self.model, self.version, self.sha256, self.stage, self.reason) = (model, version, sha256, stage, reason)
    }

    var isValid: Bool {
      (1...63).contains(model.utf8.count) && (1...64).contains(version.utf8.count) && sha256.utf8.count == 64
        && (1...32).contains(stage.utf8.count) && reason?.utf8.count ?? 0 <= 1024
    }
  }

  package var models: [Row]
  /// `nil`: of a gateway that does not number its reports yet.
  package var stamp: ReportStamp?
  package let bytes: [UInt8]

  private struct Body: Codable {
    var models: [Row]
    var stamp: ReportStamp?
  }

  package static let maxBytes = 64 << 10
  private static let mostRows = 256

  package init(decoding payload: [UInt8]) throws(PlaneMessageError) {
    guard payload.count <= Self.maxBytes else { throw .tooLong(payload.count, Self.maxBytes, "ReportedModels") }
    do {
      let body = try JSON.decode(Body.self, from: payload)
      (models, stamp) = (body.models, body.stamp)
    } catch { throw .malformed("\(error)") }
    guard models.count <= Self.mostRows, models.allSatisfy(\.isValid) else { throw .malformed("ReportedModels: out of range") }
    bytes = payload
  }

  package init(_ models: [Row], stamp: ReportStamp? = nil) {
    (self.models, self.stamp) = (models, stamp)
    bytes = JSON.encode(Body(models: models, stamp: stamp))
  }
}

/// A package that goes to no gateway more of a fleet.
package struct Halt: Sendable, Equatable, Encodable {
  package var fleet: String
  package var model: String
  package var version: String
  package var sha256: String
  /// Gateways of the fleet that have said anything of it.
  package var gateways: Int
  /// Those that went back, or refused it.
  package var failed: Int

  package var words: String { "\(failed) of \(gateways) gateways went back from it or refused it" }

  /// One in twenty of the gateways that tried it is enough.
  package static let failedPermille = 50
  /// What says that a package failed; not that somebody ordered it back.
  static let failed = "(stage IN ('rolled_back', 'failed') AND reason <> 'ordered')"
}

extension PlaneStore {
  /// Keeps the newest word of a gateway.
  /// - Returns: false when a newer one is known: then nothing changes.
  @discardableResult
  package func take(_ reported: ReportedModels, from gateway: PlaneTopics, at now: UnixTime) throws(SQLiteError) -> Bool {
    haltsKnown[gateway.fleet] = nil
    return try database.transaction { () throws(SQLiteError) in
      let row = try Registry(database: database).row(of: gateway)
      if try isOld(reported, of: row) { return false }
      try database.run("INSERT OR REPLACE INTO reported VALUES (?, ?, ?)", row, now, reported.bytes)
      let digests = String(decoding: JSON.encode(reported.models.map(\.sha256)), as: UTF8.self)
      try database.run(
        "DELETE FROM model WHERE gateway = ? AND sha256 NOT IN (SELECT value FROM json_each(?))", row, digests)
      for model in reported.models {
        try database.run(
          """
          INSERT INTO model VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET stage = ?5, reason = ?6, changed_at = ?7
          WHERE stage <> ?5 OR reason <> ?6
          """, row, model.sha256, model.model, model.version, model.stage, model.reason ?? "", now)
      }
      return true
    }
  }

  /// Of the same numbering a lower number; or of a numbering that the known report's came out of.
  private func isOld(_ reported: ReportedModels, of gateway: Int) throws(SQLiteError) -> Bool {
    let bytes = try database.first("SELECT bytes FROM reported WHERE gateway = ?", gateway) { $0[0] as [UInt8] }
    let known = bytes.flatMap { try? ReportedModels(decoding: $0) }?.stamp
    guard let known, let stamp = reported.stamp else { return false }
    if stamp.epoch == known.epoch { return stamp.isOlder(than: known) }
    let former = try database.first(
      """
      WITH RECURSIVE former (epoch) AS (
        SELECT parent FROM epoch WHERE gateway = ?1 AND epoch = ?2
        UNION SELECT parent FROM epoch JOIN former USING (epoch) WHERE gateway = ?1)
      SELECT 1 FROM former WHERE epoch = ?3
      """, gateway, known.epoch, stamp.epoch
    ) { $0[0] as Int }
    return former != nil
  }

  /// Looked up once until a gateway says something new: every question for a part of a file asks.
  package func halts(in fleet: String) throws(SQLiteError) -> [Halt] {
    if let known = haltsKnown[fleet] { return known }
    let halts = try database.halts(in: fleet)
    haltsKnown[fleet] = halts
    return halts
  }
}

extension PlaneReader {
  package func halts(in fleet: String? = nil) throws(PlaneError) -> [Halt] {
    try naming { () throws(SQLiteError) in try database.halts(in: fleet) }
  }

  /// How many gateways of a fleet are where with a package.
  package struct Spread: Sendable, Equatable, Encodable {
    package var fleet: String
    package var model: String
    package var version: String
    package var sha256: String
    package var stage: String
    package var gateways: Int
    /// The commonest words of why, where there are any.
    package var reason: String
  }

  package func spread() throws(PlaneError) -> [Spread] {
    try naming { () throws(SQLiteError) in
      try database.rows(
        """
        SELECT fleet, model, version, sha256, stage, count(*), max(reason) FROM model JOIN gateway ON gateway.id = model.gateway
        GROUP BY fleet, sha256, stage ORDER BY fleet, model, version, stage
        """
      ) { row throws(SQLiteError) in
        Spread(
          fleet: row[0], model: row[1], version: row[2], sha256: row[3], stage: row[4], gateways: row[5], reason: row[6])
      }
    }
  }

  package func gatewayModels() throws(PlaneError) -> [String: [ReportedModels.Row]] {
    try naming { () throws(SQLiteError) in try models() }
  }

  /// What each gateway says of its models, oldest change first, by `fleet/gateway`.
  func models() throws(SQLiteError) -> [String: [ReportedModels.Row]] {
    let rows = try database.rows(
      """
      SELECT fleet, name, model, version, sha256, stage, reason FROM model JOIN gateway ON gateway.id = model.gateway
      ORDER BY changed_at
      """
    ) { row throws(SQLiteError) in
      (
        name: "\(row[0] as String)/\(row[1] as String)",
        row: ReportedModels.Row(model: row[2], version: row[3], sha256: row[4], stage: row[5], reason: row[6])
      )
    }
    return Dictionary(grouping: rows, by: \.name).mapValues { $0.map(\.row) }
  }
}

extension Database {
  fileprivate func halts(in fleet: String?) throws(SQLiteError) -> [Halt] {
    try rows(
      """
      SELECT fleet, model, version, sha256, count(*) AS all_of_them, sum(\(Halt.failed)) AS failed
      FROM model JOIN gateway ON gateway.id = model.gateway WHERE ?1 IS NULL OR fleet = ?1
      GROUP BY fleet, sha256 HAVING failed > 0 AND failed * 1000 >= all_of_them * \(Halt.failedPermille)
      ORDER BY fleet, model, version
      """, fleet
    ) { row throws(SQLiteError) in
      Halt(fleet: row[0], model: row[1], version: row[2], sha256: row[3], gateways: row[4], failed: row[5])
    }
  }
}
