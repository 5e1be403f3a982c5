import Anomaly
import Contracts
import SQLite
import Signal

/// What becomes durable of delivered models: what changed, together with the frames of its batch.
package struct ModelsChange: Sendable, Equatable {
  /// Replaces the row of the same digest.
  package var versions: [ModelVersionRow] = []
  /// Replaces the point's row.
  package var roads: [ModelRoadRow] = []
  package var revoked: RevokedRow?
  package var raised: [RaisedWindow] = []
  package var predictions: [PredictionRow] = []

  package init() {}

  /// Both, the newer one's rows in the older one's place.
  package func adding(_ newer: ModelsChange) -> ModelsChange {
    var all = self
    all.versions = versions.filter { old in !newer.versions.contains { $0.digest == old.digest } } + newer.versions
    all.roads = roads.filter { old in !newer.roads.contains { $0.point == old.point } } + newer.roads
    all.revoked = newer.revoked ?? revoked
    all.raised += newer.raised
    all.predictions += newer.predictions
    return all
  }

  /// Without what memory must not hold for long: samples and the log of decisions.
  package var withoutRows: ModelsChange {
    var kept = self
    (kept.raised, kept.predictions) = ([], [])
    return kept
  }
}

/// Packages that must not run; the newest list.
package struct RevokedRow: Sendable, Equatable, Codable {
  package var serial: Int64
  package var digests: [String]

  package init(serial: Int64, digests: [String]) { (self.serial, self.digests) = (serial, digests) }
}

/// The tables `model_version`, `model_road`, `revoked`, `raised_window`.
struct DeliveredModels {
  let database: Database

  func apply(_ change: ModelsChange) throws(SQLiteError) {
    for version in change.versions { try save(version) }
    for road in change.roads { try save(road) }
    if let revoked = change.revoked {
      try database.run("INSERT OR REPLACE INTO revoked (id, report) VALUES (1, ?)", JSON.text(revoked))
    }
    for window in change.raised { try append(window) }
  }

  private func save(_ row: ModelVersionRow) throws(SQLiteError) {
    try database.run(
      """
      INSERT OR REPLACE INTO model_version (digest, model, version, serial, rollout, is_signed, stage, reason, words, since)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, row.digest, row.model, row.version, Int(row.serial), row.rollout, row.isSigned, row.stage.rawValue, row.reason,
      row.words,
      row.since)
    // The newest of each model stay, and whatever a point may go back to.
    try database.run(
      """
      DELETE FROM model_version WHERE model = ? AND digest NOT IN (
        SELECT digest FROM model_version WHERE model = ? ORDER BY serial DESC, since DESC LIMIT ?)
        AND digest NOT IN (SELECT active FROM model_road WHERE active IS NOT NULL)
        AND digest NOT IN (SELECT previous FROM model_road WHERE previous IS NOT NULL)
      """, row.model, row.model, Self.keptVersions)
  }

  func versions() throws(SQLiteError) -> [ModelVersionRow] {
    try database.rows(
      """
      SELECT digest, model, version, serial, rollout, is_signed, stage, reason, words, since FROM model_version
      ORDER BY model, serial DESC, since DESC
      """
    ) { row throws(SQLiteError) in
      ModelVersionRow(
        digest: row[0], model: row[1], version: row[2], serial: row.integer(3), rollout: row[4], isSigned: row[5],
        stage: row.text(6, as: ModelStage.self) ?? .failed, reason: row[7], words: row[8], since: row[9])
    }
  }

  private func save(_ row: ModelRoadRow) throws(SQLiteError) {
    try database.run(
      """
      INSERT OR REPLACE INTO model_road (machine, point, active, previous, candidate, stage, evidence) VALUES (?, ?, ?, ?, ?, ?, ?)
      """, row.point.machine, row.point.point, row.active, row.previous, row.candidate, row.stage?.rawValue, row.evidence)
  }

  func roads() throws(SQLiteError) -> [ModelRoadRow] {
    try database.rows(
      "SELECT machine, point, active, previous, candidate, stage, evidence FROM model_road ORDER BY machine, point"
    ) { row throws(SQLiteError) in
      var road = ModelRoadRow(point: PointID(machine: row[0], point: row[1]))
      (road.active, road.previous, road.candidate) = (row[2], row[3], row[4])
      (road.stage, road.evidence) = (row.text(5, as: ModelStage.self), row[6])
      return road
    }
  }

  /// Of the models that speak at a point before they are active everywhere, by point and by the name they speak under.
  func stages() throws(SQLiteError) -> [PointID: [String: ModelStage]] {
    guard try database.pragma("user_version") >= 4 else { return [:] }
    var stages: [PointID: [String: ModelStage]] = [:]
    try database.each(
      """
      SELECT machine, point, road.stage, model || ' ' || version || iif(is_signed, '', ' (unsigned)')
      FROM model_road AS road JOIN model_version ON digest = candidate WHERE road.stage IS NOT NULL
      """
    ) { row throws(SQLiteError) in
      stages[PointID(machine: row[0], point: row[1]), default: [:]][row[3]] = row.text(2, as: ModelStage.self)
    }
    return stages
  }

  func revoked() throws(SQLiteError) -> RevokedRow? {
    let text: String? = try database.first("SELECT report FROM revoked") { $0[0] }
    return text.flatMap { try? JSON.decode(RevokedRow.self, from: $0.utf8) }
  }

  private func append(_ window: RaisedWindow) throws(SQLiteError) {
    try database.run(
      """
      INSERT INTO raised_window (machine, point, at, speed_rpm, sample_rate_hz, unit, samples) VALUES (?, ?, ?, ?, ?, ?, ?)
      """, window.point.machine, window.point.point, window.time, window.speedRPM, window.shape.sampleRateHz,
      window.shape.unit.rawValue,
      window.samples.flatMap { sample in withUnsafeBytes(of: sample.bitPattern.littleEndian, Array.init) })
    try database.run("DELETE FROM raised_window WHERE row <= (SELECT max(row) FROM raised_window) - ?", Self.keptWindows)
  }

  /// The windows of alarms and points that a person has called bad, newest first: those at which the alarm was raised or rose.
  func confirmed() throws(SQLiteError) -> [RaisedWindow] {
    try database.rows(
      """
      SELECT w.machine, w.point, w.at, w.speed_rpm, w.sample_rate_hz, w.unit, w.samples FROM raised_window w
      WHERE (SELECT label FROM label WHERE subject = w.machine || '/' || w.point AND at >= w.at ORDER BY row DESC LIMIT 1) = 'bad'
      OR EXISTS (
        SELECT 1 FROM alarm a WHERE a.machine = w.machine AND w.at >= a.raised_at - \(Self.slackNanoseconds)
          AND w.at <= coalesce(a.cleared_at, w.at) AND instr(a.members, '"' || w.point || '"') > 0
          AND (SELECT label FROM label WHERE subject = a.id ORDER BY row DESC LIMIT 1) = 'bad')
      ORDER BY w.row DESC
      """
    ) { row throws(SQLiteError) in
      let samples = Self.floats(row[6])
      let shape = ModelShape(
        windowSamples: samples.count, sampleRateHz: row[4], unit: row.text(5, as: SignalUnit.self) ?? .gravity, featureNames: [])
      return RaisedWindow(
        point: PointID(machine: row[0], point: row[1]), time: row[2], speedRPM: row[3], shape: shape, samples: samples)
    }
  }

  private static func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { buffer in
      stride(from: 0, to: buffer.count / 4 * 4, by: 4).map {
        Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
    }
  }

  /// Of one model.
  private static let keptVersions = 16
  /// Of all points: 16 MB at 65,536 samples, 1 MB at the usual 4,096.
  private static let keptWindows = 64
  /// A window's time is its start, an alarm's the time its frame came.
  private static let slackNanoseconds = 120_000_000_000
}

extension StoreReader {
  package func modelVersions() throws(StoreError) -> [ModelVersionRow] {
    try read { database throws(SQLiteError) in
      try database.pragma("user_version") < 4 ? [] : try DeliveredModels(database: database).versions()
    }
  }

  package func modelRoads() throws(StoreError) -> [ModelRoadRow] {
    try read { database throws(SQLiteError) in
      try database.pragma("user_version") < 4 ? [] : try DeliveredModels(database: database).roads()
    }
  }

  package func revokedModels() throws(StoreError) -> RevokedRow? {
    try read { database throws(SQLiteError) in
      try database.pragma("user_version") < 4 ? nil : try DeliveredModels(database: database).revoked()
    }
  }

  /// Windows that people have confirmed to be bad, newest first.
  package func confirmedWindows() throws(StoreError) -> [RaisedWindow] {
    try read { database throws(SQLiteError) in
      try database.pragma("user_version") < 4 ? [] : try DeliveredModels(database: database).confirmed()
    }
  }

  /// The prediction log, oldest first.
  package func predictions() throws(StoreError) -> [PredictionRow] {
    try read { database throws(SQLiteError) in
      try database.pragma("user_version") < 4 ? [] : try PredictionLog(database: database).rows().map(\.entry)
    }
  }

  /// Whether the prediction log is as it was written.
  package func predictionFinding() throws(StoreError) -> AuditFinding {
    try read { database throws(SQLiteError) in
      try database.pragma("user_version") < 4
        ? AuditFinding(entries: 0, firstBroken: nil) : try PredictionLog(database: database).verify()
    }
  }
}
