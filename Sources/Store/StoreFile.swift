import Contracts
import Glibc
import SQLite

/// The database file of a state folder, and the decisions that hold for every Thrum store (docs/decisions/store.md).
enum StoreFile {
  static func path(in folder: String) -> String { folder + "/thrum.db" }

  /// Opens for writing, makes or migrates the tables, sets the limits. What is damaged is salvaged first.
  static func open(_ path: String, _ settings: StoreSettings, _ report: inout OpeningReport) throws(StoreError) -> Database {
    try Replacement.finish(path)
    if let cause = try Suspicion(path).damage(&report) {
      report.salvage = try Salvage.run(path, cause: cause, settings: settings)
    }
    do {
      let database = try openSound(path, settings, &report)
      guard let cause = try Suspicion(path).check(database) else { return database }
      report.salvage = try Salvage.run(path, cause: cause, settings: settings)
    } catch {
      let suspicion = Suspicion(path)
      let isDamaged = error.kind == .corrupt && suspicion.isOurs || error.kind == .foreign && suspicion.isOursBehindItsHeader
      guard isDamaged, report.salvage == nil else { throw error }
      report.salvage = try Salvage.run(path, cause: error.reason, settings: settings)
    }
    return try openSound(path, settings, &report)
  }

  private static func openSound(
    _ path: String, _ settings: StoreSettings, _ report: inout OpeningReport
  ) throws(StoreError) -> Database {
    let version = try usableVersion(at: path)
    try Migration.keepCopy(path, of: version, &report)
    let database = try connect(path, settings)
    try naming("open", path) { () throws(SQLiteError) in
      try Schema.migrate(database, from: version)
      try StoreLimits(settings).apply(to: database)
    }
    try begin(path, database, settings)
    for name in try Replacement.bound(path, to: settings.maxBytes) {
      let words =
        "\(name) was deleted: at most \(Replacement.mostSetAside) databases are set aside, and may take store.max_bytes together"
      report.incidents.append(OpeningReport.Incident("aside_deleted", words))
    }
    return database
  }

  /// A connection that may write, to a database that was opened before.
  static func connect(_ path: String, _ settings: StoreSettings) throws(StoreError) -> Database {
    try naming("open", path) { () throws(SQLiteError) in
      let database = try Database(path: path, mode: .readWriteCreate, busyTimeoutMilliseconds: settings.busyTimeoutMilliseconds)
      try configure(database)
      return database
    }
  }

  /// What was left in the log goes into the database and the log begins anew, with all its room taken: frames of an earlier life
  /// cannot be mistaken for damage, and a log that is shorter than it was made was cut.
  private static func begin(_ path: String, _ database: Database, _ settings: StoreSettings) throws(StoreError) {
    let isMoved = try naming("open", path) { () throws(SQLiteError) in try database.checkpoint(.restart) }
    let bytes = StoreLimits(settings).logBytes
    do {
      let log = try DiskFile.existing(path + "-wal")
      var size = try log.byteCount()
      let zeros = [UInt8](repeating: 0, count: 64 << 10)
      while size < bytes {
        try log.write(Array(zeros.prefix(bytes - size)), at: size)
        size = min(bytes, size + zeros.count)
      }
      try log.sync()
    }
    guard isMoved, let pages = try SchemaPages.of(path, logBytes: bytes) else { return }
    try pages.keep(beside: path)
  }

  /// The schema of the file, 0 when there is none yet. Looked up read-only: a connection that may write would, when it closes,
  /// move the log into a database that is refused.
  private static func usableVersion(at path: String) throws(StoreError) -> Int {
    guard access(path, F_OK) == 0 else { return 0 }
    do {
      return try usableVersion(
        of: try naming("open", path) { () throws(SQLiteError) in try Database(path: path, mode: .readOnly) })
    } catch {
      // A power cut while the file was made left a rollback journal, which only a writer may take back.
      guard error.kind == .readOnly, Disk.exists(path + "-journal") else { throw error }
      return try usableVersion(
        of: try naming("open", path) { () throws(SQLiteError) in try Database(path: path, mode: .readWriteCreate) })
    }
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
      PRAGMA trusted_schema = OFF;
      """)
    let mode: String? = try database.first("PRAGMA journal_mode = WAL") { $0[0] }
    guard mode == "wal" else {
      throw SQLiteError(operation: "open", object: database.path, reason: "no write-ahead log on this disk", extendedCode: 1)
    }
    try database.keepWriteAheadLog()
  }
}
