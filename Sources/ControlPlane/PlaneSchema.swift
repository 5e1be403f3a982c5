import SQLite

/// The plane's tables. Times are nanoseconds since 1970, hashes and epochs blobs.
enum PlaneSchema {
  static let version = migrations.count
  /// `ThPl`, so that somebody else's database is recognised.
  static let applicationID = 0x5468_506C

  /// Opens the database for the one process that writes it, and brings it to `version`.
  static func open(_ path: String) throws(PlaneError) -> Database {
    do throws(SQLiteError) {
      let database = try Database(path: path, mode: .readWriteCreate, busyTimeoutMilliseconds: 5000)
      let found = try check(database)
      try database.execute(
        """
        PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        PRAGMA secure_delete = OFF; PRAGMA foreign_keys = ON
        """)
      try database.transaction { () throws(SQLiteError) in
        for step in migrations[found...] { try database.execute(step) }
        try database.execute("PRAGMA user_version = \(version); PRAGMA application_id = \(applicationID)")
      }
      return database
    } catch { throw PlaneError(error, path) }
  }

  /// Opens it beside a serving plane, or without one.
  static func openToRead(_ path: String) throws(PlaneError) -> Database {
    do throws(SQLiteError) {
      let database = try Database(path: path, mode: .readOnly)
      guard try check(database) == version else {
        throw foreign(path, "it is empty or from an older version", "let `thrum-plane serve` open it once")
      }
      return database
    } catch {
      var told = PlaneError(error, path)
      if error.cannotOpen { told.remedy = "is this the file that `thrum-plane serve --db` was given?" }
      throw told
    }
  }

  /// - Returns: its version.
  private static func check(_ database: Database) throws(SQLiteError) -> Int {
    let found = try pragma("user_version", database)
    let owner = try pragma("application_id", database)
    let isEmpty = try database.first("SELECT count(*) FROM sqlite_schema") { $0[0] as Int } == 0
    guard isEmpty || owner == applicationID else {
      throw foreign(database.path, "it is not a plane's database", "name another file with --db")
    }
    guard found <= version else {
      throw foreign(database.path, "its version is \(found), this program knows up to \(version)", "use a newer thrum-plane")
    }
    return found
  }

  private static func pragma(_ name: String, _ database: Database) throws(SQLiteError) -> Int {
    try database.first("PRAGMA \(name)") { $0[0] } ?? 0
  }

  private static func foreign(_ path: String, _ reason: String, _ remedy: String) -> SQLiteError {
    var error = SQLiteError(operation: "open", object: path, reason: reason, extendedCode: 26)
    error.remedy = remedy
    return error
  }

  private static let migrations = [
    """
    CREATE TABLE plane (id INTEGER PRIMARY KEY CHECK (id = 1), incarnation INTEGER NOT NULL) STRICT;
    INSERT INTO plane VALUES (1, 0);

    CREATE TABLE gateway (
      id INTEGER PRIMARY KEY, fleet TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'offline', state_at INTEGER,
      connected_at INTEGER, UNIQUE (fleet, name)) STRICT;

    -- every numbering a gateway ever used, with its latest hello
    CREATE TABLE epoch (
      id INTEGER PRIMARY KEY, gateway INTEGER NOT NULL REFERENCES gateway (id), epoch BLOB NOT NULL, parent BLOB,
      incarnation INTEGER NOT NULL, nonce BLOB NOT NULL, version TEXT NOT NULL, first_hello_at INTEGER NOT NULL,
      hello_at INTEGER NOT NULL, UNIQUE (gateway, epoch)) STRICT;
    CREATE TABLE lane (
      epoch INTEGER NOT NULL REFERENCES epoch (id), lane TEXT NOT NULL, through INTEGER NOT NULL, hash BLOB NOT NULL,
      PRIMARY KEY (epoch, lane)) STRICT, WITHOUT ROWID;

    -- each event once, by the id it was born with; entry: where it stands in a chain
    CREATE TABLE event (
      row INTEGER PRIMARY KEY, gateway INTEGER NOT NULL REFERENCES gateway (id), id TEXT NOT NULL, lane TEXT NOT NULL,
      time INTEGER, type TEXT NOT NULL, subject TEXT NOT NULL, received_at INTEGER NOT NULL, bytes BLOB NOT NULL,
      UNIQUE (gateway, id)) STRICT;
    CREATE TABLE entry (
      epoch INTEGER NOT NULL REFERENCES epoch (id), lane TEXT NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
      PRIMARY KEY (epoch, lane, sequence)) STRICT, WITHOUT ROWID;

    -- events that contradict a stored one: the same number with another hash, or the same id with other bytes
    CREATE TABLE fork (
      row INTEGER PRIMARY KEY, gateway INTEGER NOT NULL REFERENCES gateway (id), epoch BLOB NOT NULL, lane TEXT NOT NULL,
      sequence INTEGER NOT NULL, id TEXT NOT NULL, hash BLOB NOT NULL, received_at INTEGER NOT NULL, bytes BLOB NOT NULL,
      UNIQUE (gateway, epoch, lane, sequence, hash)) STRICT;
    """,
    """
    -- numbers whose events the gateway has no more
    CREATE TABLE gap (
      epoch INTEGER NOT NULL REFERENCES epoch (id), lane TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
      reason TEXT NOT NULL, count INTEGER NOT NULL, received_at INTEGER NOT NULL,
      PRIMARY KEY (epoch, lane, first)) STRICT, WITHOUT ROWID;
    """,
    """
    -- what gateways say of the models that were rolled out to them; `model`: a row a package
    CREATE TABLE reported (
      gateway INTEGER PRIMARY KEY REFERENCES gateway (id), received_at INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE model (
      gateway INTEGER NOT NULL REFERENCES gateway (id), sha256 TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL,
      stage TEXT NOT NULL, reason TEXT NOT NULL, changed_at INTEGER NOT NULL, PRIMARY KEY (gateway, sha256)) STRICT, WITHOUT ROWID;
    CREATE INDEX model_package ON model (sha256, stage);
    -- the newest event of a gateway, and how many there are
    CREATE INDEX event_gateway ON event (gateway);
    """,
    measurements,
    StandingAlarms.migration,
  ]
}
