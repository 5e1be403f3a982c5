import Glibc
import SQLite

/// The database file of a state folder, and the decisions that hold for every Thrum store (docs/decisions/store.md).
enum StoreFile {
  static func path(in folder: String) -> String { folder + "/thrum.db" }

  /// Opens for writing, makes or migrates the tables, sets the limits.
  static func open(_ path: String, _ settings: StoreSettings) throws(StoreError) -> Database {
    let version = try usableVersion(at: path)
    return try naming("open", path) { () throws(SQLiteError) in
      let database = try Database(path: path, mode: .readWriteCreate, busyTimeoutMilliseconds: settings.busyTimeoutMilliseconds)
      try configure(database)
      try Schema.migrate(database, from: version)
      try limit(database, settings)
      return database
    }
  }

  /// The schema of the file, 0 when there is none yet. Looked up read-only: a connection that may write would, when it closes,
  /// move the log into a database that is refused.
  private static func usableVersion(at path: String) throws(StoreError) -> Int {
    guard access(path, F_OK) == 0 else { return 0 }
    return try usableVersion(
      of: try naming("open", path) { () throws(SQLiteError) in try Database(path: path, mode: .readOnly) })
  }

  /// The schema found, 0 for an empty file. What is newer or foreign is left untouched.
  static func usableVersion(of database: Database) throws(StoreError) -> Int {
    switch try naming("open", database.path, { () throws(SQLiteError) in try Schema.contents(of: database) }) {
    case .empty: return 0
    case .ours(let version) where version <= Schema.version: return version
    case .ours(let version):
      throw StoreError(
        "open", database.path, reason: "database is from a newer version: schema \(version), this Thrum knows \(Schema.version)",
        remedy: "install the Thrum that wrote it, or a newer one", kind: .newerSchema)
    case .foreign:
      throw StoreError(
        "open", database.path, reason: "not a Thrum database", remedy: "set it aside under another name", kind: .foreign)
    }
  }

  /// FULL: a commit is on the disk when it returns. Deleted pages are not overwritten: that doubles the writes.
  private static func configure(_ database: Database) throws(SQLiteError) {
    try database.execute(
      """
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA synchronous = FULL;
      PRAGMA secure_delete = OFF;
      PRAGMA cache_size = -512;
      """)
    let mode: String? = try database.first("PRAGMA journal_mode = WAL") { $0[0] }
    guard mode == "wal" else {
      throw SQLiteError(operation: "open", object: database.path, reason: "no write-ahead log on this disk", extendedCode: 1)
    }
    try database.keepWriteAheadLog()
  }

  private static func limit(_ database: Database, _ settings: StoreSettings) throws(SQLiteError) {
    let pageBytes = try database.pragma("page_size")
    let logBytes = min(8 << 20, settings.maxBytes / 4)
    let pages = (settings.maxBytes - logBytes) / pageBytes
    // The log is copied into the database when half its room is used, which leaves the other half to one transaction.
    try database.execute("PRAGMA max_page_count = \(pages); PRAGMA wal_autocheckpoint = \(logBytes / 2 / pageBytes)")
    // What a fill left that was cut short.
    try database.execute("DROP TABLE IF EXISTS room")
    if settings.preallocate { try fill(database, to: pages, pageBytes: pageBytes, logBytes: logBytes) }
  }

  /// Grows database and log by writing, and frees the pages inside the database again.
  private static func fill(_ database: Database, to pages: Int, pageBytes: Int, logBytes: Int) throws(SQLiteError) {
    try database.execute("CREATE TABLE room (taken BLOB) STRICT")
    while true {
      let missing = (pages - (try database.pragma("page_count"))) * pageBytes - (64 << 10)
      guard missing > 0 else { break }
      try database.run("INSERT INTO room VALUES (zeroblob(?))", min(missing, logBytes) / 64 * 60)
      try database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    }
    try database.execute("DROP TABLE room")
  }
}
