import SQLite

/// The tables, as numbered steps from an empty file to what this version reads and writes.
enum Schema {
  /// `user_version` after all steps.
  static let version = migrations.count
  /// `Thrm`, so that somebody else's database is recognised.
  static let applicationID = 0x5468_726D

  /// What stands in a file before anything of it is used.
  enum Contents: Equatable {
    case empty
    case ours(version: Int)
    case foreign
  }

  static func contents(of database: Database) throws(SQLiteError) -> Contents {
    if try database.pragma("application_id") == applicationID { return .ours(version: try database.pragma("user_version")) }
    let tables: Int? = try database.first("SELECT count(*) FROM sqlite_schema") { $0[0] }
    return tables == 0 ? .empty : .foreign
  }

  /// Takes the steps from `found` to `version`, all or none.
  static func migrate(_ database: Database, from found: Int) throws(SQLiteError) {
    guard found < version else { return }
    try database.transaction { () throws(SQLiteError) in
      for step in migrations[found...] { try database.execute(step) }
      try database.execute("PRAGMA user_version = \(version); PRAGMA application_id = \(applicationID)")
    }
  }

  private static let migrations = [
    """
    -- who this is to the plane
    CREATE TABLE epoch (
      number INTEGER PRIMARY KEY, epoch BLOB NOT NULL UNIQUE, parent BLOB, binding BLOB NOT NULL, reason TEXT NOT NULL,
      started_at INTEGER NOT NULL) STRICT;
    CREATE TABLE lane (
      lane TEXT PRIMARY KEY, last INTEGER NOT NULL, hash BLOB NOT NULL, through INTEGER NOT NULL,
      through_hash BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE event (
      row INTEGER PRIMARY KEY, epoch INTEGER NOT NULL REFERENCES epoch (number), lane TEXT NOT NULL, sequence INTEGER NOT NULL,
      id TEXT NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL,
      UNIQUE (epoch, lane, sequence)) STRICT;

    -- what the daemon says of itself
    CREATE TABLE daemon (
      id INTEGER PRIMARY KEY CHECK (id = 1), gateway TEXT NOT NULL, fleet TEXT NOT NULL, incarnation INTEGER NOT NULL,
      version TEXT NOT NULL, started_at INTEGER NOT NULL, condition TEXT NOT NULL, reasons TEXT NOT NULL, broker TEXT NOT NULL,
      uplink TEXT) STRICT;

    -- points: state, counts, what was learned
    CREATE TABLE point (
      id INTEGER PRIMARY KEY, machine TEXT NOT NULL, point TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT, zone TEXT,
      velocity_rms_mm_s REAL, score REAL, probability REAL, uncalibrated INTEGER NOT NULL, operating_state TEXT NOT NULL,
      baseline_phase TEXT NOT NULL, baseline_windows INTEGER NOT NULL, baseline_wanted INTEGER NOT NULL, model_version TEXT,
      debounce_warnings INTEGER NOT NULL, debounce_alarms INTEGER NOT NULL, last_frame_at INTEGER,
      last_sample_digest INTEGER NOT NULL, pending_frames INTEGER NOT NULL,
      reference_velocity_rms_mm_s REAL NOT NULL, reference_blocks INTEGER NOT NULL, UNIQUE (machine, point)) STRICT;
    CREATE TABLE ledger (
      point INTEGER PRIMARY KEY, received INTEGER NOT NULL, analysed INTEGER NOT NULL, pending INTEGER NOT NULL,
      duplicate INTEGER NOT NULL, missing INTEGER NOT NULL) STRICT;
    CREATE TABLE ledger_reason (
      point INTEGER NOT NULL, fate TEXT NOT NULL, reason TEXT NOT NULL, frames INTEGER NOT NULL,
      PRIMARY KEY (point, fate, reason)) STRICT, WITHOUT ROWID;
    CREATE TABLE source_sequence (
      point INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (point, first)) STRICT, WITHOUT ROWID;
    CREATE TABLE baseline (
      point INTEGER NOT NULL, number INTEGER NOT NULL, features BLOB NOT NULL, PRIMARY KEY (point, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE model (point INTEGER PRIMARY KEY, version TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE trend (
      point INTEGER NOT NULL, number INTEGER NOT NULL, time INTEGER NOT NULL, velocity_rms_mm_s REAL, rms REAL NOT NULL,
      kurtosis REAL NOT NULL, probability REAL, verdict TEXT NOT NULL, reason TEXT,
      PRIMARY KEY (point, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE alarm (
      row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, machine TEXT NOT NULL, state TEXT NOT NULL, priority TEXT NOT NULL,
      members TEXT NOT NULL, raised_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, cleared_at INTEGER, acknowledged_by TEXT,
      explanation TEXT NOT NULL) STRICT;
    CREATE INDEX alarm_of_machine ON alarm (machine, row);

    -- what the broker may deliver again
    CREATE TABLE session (name TEXT PRIMARY KEY, next_slot INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE redelivery (
      session TEXT NOT NULL, slot INTEGER NOT NULL, mid INTEGER NOT NULL, digest INTEGER NOT NULL,
      PRIMARY KEY (session, slot)) STRICT, WITHOUT ROWID;
    """,
    """
    -- what people said
    ALTER TABLE alarm ADD COLUMN suppressed_by TEXT;
    ALTER TABLE alarm ADD COLUMN suppressed_until INTEGER;
    ALTER TABLE alarm ADD COLUMN note TEXT;
    CREATE TABLE suppression (
      machine TEXT NOT NULL, point TEXT NOT NULL, reason TEXT NOT NULL, person TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER,
      note TEXT, alarm TEXT, PRIMARY KEY (machine, point)) STRICT, WITHOUT ROWID;
    CREATE TABLE learning_stop (
      machine TEXT NOT NULL, point TEXT NOT NULL, person TEXT NOT NULL, since INTEGER NOT NULL,
      PRIMARY KEY (machine, point)) STRICT, WITHOUT ROWID;
    CREATE TABLE label (
      row INTEGER PRIMARY KEY, subject TEXT NOT NULL, label TEXT NOT NULL, fault TEXT, note TEXT, person TEXT NOT NULL,
      at INTEGER NOT NULL) STRICT;
    CREATE INDEX label_of_subject ON label (subject, row);
    CREATE TABLE maintenance (
      row INTEGER PRIMARY KEY, machine TEXT NOT NULL, point TEXT NOT NULL, note TEXT NOT NULL, reset_baseline INTEGER NOT NULL,
      person TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
    CREATE TABLE audit (
      row INTEGER PRIMARY KEY, at INTEGER NOT NULL, uid INTEGER NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL,
      call TEXT NOT NULL, request TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
    """,
    """
    -- events that are kept no more, by their numbers; hash: the chain after the last of them, so that it goes on from there
    CREATE TABLE gap (
      epoch INTEGER NOT NULL, lane TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, reason TEXT NOT NULL,
      count INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (epoch, lane, first)) STRICT, WITHOUT ROWID;
    -- what was given up for room or age, since the store was made
    CREATE TABLE eviction (
      what TEXT PRIMARY KEY, rows INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    -- what happened to the store itself: each salvage, restore, log found damaged
    CREATE TABLE incident (
      number INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, report TEXT NOT NULL) STRICT;
    -- bytes the daemon had written to the disk, by UTC day
    CREATE TABLE written (day INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, commits INTEGER NOT NULL) STRICT;
    """,
    """
    -- models that were delivered: each version, what each point runs and tries, what must not run
    CREATE TABLE model_version (
      digest TEXT PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL, serial INTEGER NOT NULL, rollout BLOB NOT NULL,
      is_signed INTEGER NOT NULL, stage TEXT NOT NULL, reason TEXT, words TEXT, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE model_road (
      machine TEXT NOT NULL, point TEXT NOT NULL, active TEXT, previous TEXT, candidate TEXT, stage TEXT, evidence TEXT NOT NULL,
      PRIMARY KEY (machine, point)) STRICT, WITHOUT ROWID;
    CREATE TABLE revoked (id INTEGER PRIMARY KEY CHECK (id = 1), report TEXT NOT NULL) STRICT;
    -- samples of windows in which a point was raised, for models that come later
    CREATE TABLE raised_window (
      row INTEGER PRIMARY KEY, machine TEXT NOT NULL, point TEXT NOT NULL, at INTEGER NOT NULL, speed_rpm REAL,
      sample_rate_hz REAL NOT NULL, unit TEXT NOT NULL, samples BLOB NOT NULL) STRICT;
    -- what was decided, by which model, from which windows
    CREATE TABLE prediction (
      row INTEGER PRIMARY KEY, machine TEXT NOT NULL, point TEXT NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL,
      windows INTEGER NOT NULL, model TEXT, inputs BLOB NOT NULL, verdict TEXT NOT NULL, reason TEXT, hash BLOB NOT NULL) STRICT;
    -- what is watched over weeks at a point that has learned: the budget of false alarms, and drift
    CREATE TABLE watch (
      point INTEGER PRIMARY KEY, false_alarms_per_month REAL NOT NULL, decision_s REAL NOT NULL,
      budget_supported INTEGER NOT NULL, progress REAL NOT NULL, limit_factor REAL NOT NULL, drift TEXT,
      relearn_wanted INTEGER NOT NULL, drift_words TEXT, bytes BLOB NOT NULL) STRICT;
    """,
    lanesAndClocks,
    """
    -- asked for at each look of a monitoring system
    CREATE INDEX IF NOT EXISTS event_of_learning ON event (row) WHERE type = 'org.thrum.baseline.ready.v1';
    """,
  ]
}
