import Anomaly
import SQLite
import Signal

/// The table `point`: one row per point with its state, readable with the sqlite3 shell.
struct Points {
  let database: Database

  /// Makes the row or replaces its state.
  /// - Returns: the row's number, which the other tables call the point by.
  func save(_ state: PointState, of point: PointID) throws(SQLiteError) -> Int {
    let statement = try database.prepare(Self.upsert)
    try statement.bind(
      point.machine, point.point, state.verdict.name, state.verdict.reason, state.zone?.rawValue, state.velocityRMS, state.score,
      state.probability, state.uncalibrated, state.operatingState.rawValue, state.baseline.phase.rawValue, state.baseline.windows,
      state.baseline.windowsWanted, state.modelVersion, Int(state.debounce.warnings), Int(state.debounce.alarms),
      state.lastFrameAt,
      state.lastSampleDigest, state.pendingFrames, state.reference.meanVelocityRMS, state.reference.blocks)
    guard try statement.step() else { return 0 }
    return statement[0]
  }

  /// The row's number; `nil` for a point that was never seen.
  func find(_ point: PointID) throws(SQLiteError) -> Int? {
    try database.first("SELECT id FROM point WHERE machine = ? AND point = ?", point.machine, point.point) { $0[0] }
  }

  /// The row's number; a point that has none yet gets one.
  func number(of point: PointID) throws(SQLiteError) -> Int {
    if let found = try find(point) { return found }
    return try save(PointState(), of: point)
  }

  /// Makes the row of a point that has a number already, in its first state.
  func restore(_ point: PointID, as number: Int) throws(SQLiteError) {
    let row = try save(PointState(), of: point)
    try database.run("UPDATE point SET id = ? WHERE id = ?", number, row)
  }

  /// Every point's number.
  func names() throws(SQLiteError) -> [(number: Int, point: PointID)] {
    try database.rows("SELECT id, machine, point FROM point ORDER BY machine, point") {
      (number: $0[0] as Int, point: PointID(machine: $0[1], point: $0[2]))
    }
  }

  typealias Row = (number: Int, point: PointID, state: PointState)

  /// All of them, by machine and point.
  func all() throws(SQLiteError) -> [Row] {
    var rows: [Row] = []
    try each { rows.append($0) }
    return rows
  }

  /// One after the other, by machine and point.
  func each(_ take: (Row) throws(SQLiteError) -> Void) throws(SQLiteError) {
    try database.each("SELECT id, \(Self.columns) FROM point ORDER BY machine, point") { row throws(SQLiteError) in
      try take((row[0], PointID(machine: row[1], point: row[2]), Self.state(row)))
    }
  }

  private static let columns = """
    machine, point, verdict, reason, zone, velocity_rms_mm_s, score, probability, uncalibrated, operating_state, baseline_phase, \
    baseline_windows, baseline_wanted, model_version, debounce_warnings, debounce_alarms, last_frame_at, last_sample_digest, \
    pending_frames, reference_velocity_rms_mm_s, reference_blocks
    """

  private static let upsert = """
    INSERT INTO point (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (machine, point) DO UPDATE SET
      verdict = excluded.verdict, reason = excluded.reason, zone = excluded.zone, velocity_rms_mm_s = excluded.velocity_rms_mm_s,
      score = excluded.score, probability = excluded.probability, uncalibrated = excluded.uncalibrated,
      operating_state = excluded.operating_state, baseline_phase = excluded.baseline_phase,
      baseline_windows = excluded.baseline_windows, baseline_wanted = excluded.baseline_wanted,
      model_version = excluded.model_version, debounce_warnings = excluded.debounce_warnings,
      debounce_alarms = excluded.debounce_alarms, last_frame_at = excluded.last_frame_at,
      last_sample_digest = excluded.last_sample_digest, pending_frames = excluded.pending_frames,
      reference_velocity_rms_mm_s = excluded.reference_velocity_rms_mm_s, reference_blocks = excluded.reference_blocks
    RETURNING id
    """

  private static func state(_ row: borrowing Statement) -> PointState {
    var state = PointState()
    state.verdict = row.verdict(3, reason: 4)
    state.zone = row.text(5, as: SeverityZone.self)
    state.velocityRMS = row[6]
    state.score = row[7]
    state.probability = row[8]
    state.uncalibrated = row[9]
    state.operatingState = row.text(10, as: OperatingState.self) ?? .unknown
    state.baseline.phase = row.text(11, as: BaselineProgress.Phase.self) ?? .none
    state.baseline.windows = row[12]
    state.baseline.windowsWanted = row[13]
    state.modelVersion = row[14]
    state.debounce.warnings = UInt32(truncatingIfNeeded: row.integer(15))
    state.debounce.alarms = UInt32(truncatingIfNeeded: row.integer(16))
    state.lastFrameAt = row[17]
    state.lastSampleDigest = row[18]
    state.pendingFrames = row[19]
    state.reference.meanVelocityRMS = row[20]
    state.reference.blocks = row[21]
    return state
  }
}
