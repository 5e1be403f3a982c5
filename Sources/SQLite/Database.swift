import CSQLite

/// One connection to one SQLite file, for one thread at a time. Statements are compiled once and kept.
package final class Database {
  package enum Mode: Sendable { case readWriteCreate, readOnly }

  package let path: String
  fileprivate let handle: OpaquePointer
  /// Compiled statements that nobody uses at the moment, by their text.
  fileprivate var idle: [String: OpaquePointer] = [:]
  fileprivate static let idleStatements = 128
  private let log = LogLength()
  private var keepsLog = false

  /// Told by SQLite with each commit; read by the same thread.
  private final class LogLength { var pages = 0 }

  /// - Parameter busyTimeoutMilliseconds: how long a statement waits for another connection's lock before it fails with `isBusy`.
  package init(path: String, mode: Mode, busyTimeoutMilliseconds: Int = 1000) throws(SQLiteError) {
    var opened: OpaquePointer?
    let flags = mode == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK, let opened else {
      defer { sqlite3_close_v2(opened) }
      throw SQLiteError(operation: "open", object: path, reason: words(opened, code), extendedCode: code)
    }
    self.path = path
    handle = opened
    sqlite3_busy_timeout(handle, Int32(clamping: busyTimeoutMilliseconds))
  }

  deinit {
    // With a limit in force closing would cut the log to nothing, and its room would be anybody's.
    if keepsLog { sqlite3_exec(handle, "PRAGMA journal_size_limit = -1", nil, nil, nil) }
    for statement in idle.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs any number of statements that take no parameters; rows are thrown away.
  package func execute(_ sql: String) throws(SQLiteError) {
    try check(sqlite3_exec(handle, sql, nil, nil, nil), "execute", sql)
  }

  package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    if let kept = idle.removeValue(forKey: sql) { return Statement(kept, sql, self) }
    var compiled: OpaquePointer?
    try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil), "prepare", sql)
    guard let compiled else {
      throw SQLiteError(operation: "prepare", object: sql, reason: "holds no statement", extendedCode: SQLITE_MISUSE)
    }
    return Statement(compiled, sql, self)
  }

  /// Pages that the write-ahead log holds after this connection's last commit.
  package var logPages: Int { log.pages }

  /// From now on nobody but the caller moves the log into the database (`checkpoint`), and `logPages` tells when it is time.
  package func checkpointByHand() {
    sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        if let context { Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().pages = Int(pages) }
        return SQLITE_OK
      }, Unmanaged.passUnretained(log).toOpaque())
  }

  package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Leaves the write-ahead log in place when the last connection closes, so that its room stays taken.
  package func keepWriteAheadLog() throws(SQLiteError) {
    var on: Int32 = 1
    try check(sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on), "keep write-ahead log of", path)
    keepsLog = true
  }

  /// What the last checkpoint that this connection asks for could do: whether all of the log is in the database now.
  @discardableResult
  package func checkpoint(_ mode: Checkpoint) throws(SQLiteError) -> Bool {
    // A connection that has not read anything yet does not know that there is a log.
    _ = try pragma("schema_version")
    var (frames, moved): (Int32, Int32) = (-1, -1)
    let code = sqlite3_wal_checkpoint_v2(handle, nil, mode.rawValue, &frames, &moved)
    if code & 0xFF == SQLITE_BUSY { return false }
    try check(code, "checkpoint", path)
    return frames >= 0 && frames == moved
  }

  /// sqlite.org/c3ref/wal_checkpoint_v2.html
  package enum Checkpoint: Int32, Sendable { case passive = 0, full, restart, truncate }

  fileprivate func check(_ code: Int32, _ operation: String, _ object: String) throws(SQLiteError) {
    guard code != SQLITE_OK else { return }
    throw SQLiteError(operation: operation, object: object, reason: words(handle, code), extendedCode: code)
  }
}

/// A compiled statement. It returns to its database, reset and without values, when it goes out of use.
package struct Statement: ~Copyable {
  private let handle: OpaquePointer
  private let sql: String
  private let database: Database

  fileprivate init(_ handle: OpaquePointer, _ sql: String, _ database: Database) {
    self.handle = handle
    self.sql = sql
    self.database = database
  }

  deinit {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
    let replaced = database.idle.count < Database.idleStatements ? database.idle.updateValue(handle, forKey: sql) : handle
    sqlite3_finalize(replaced)
  }

  /// - Returns: whether there is a row to read.
  package func step() throws(SQLiteError) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    if code != SQLITE_DONE { try database.check(code, "run", sql) }
    return false
  }

  // MARK: values, numbered from 1

  package func bind(integer: Int64, at index: Int32) throws(SQLiteError) {
    try database.check(sqlite3_bind_int64(handle, index, integer), "bind", sql)
  }
  package func bind(real: Double, at index: Int32) throws(SQLiteError) {
    try database.check(sqlite3_bind_double(handle, index, real), "bind", sql)
  }
  package func bind(text: String, at index: Int32) throws(SQLiteError) {
    let code = sqlite3_bind_text(handle, index, text, Int32(clamping: text.utf8.count), transient)
    try database.check(code, "bind", sql)
  }
  package func bind(blob: [UInt8], at index: Int32) throws(SQLiteError) {
    let code =
      blob.isEmpty
      ? sqlite3_bind_zeroblob(handle, index, 0)
      : blob.withUnsafeBytes { sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), transient) }
    try database.check(code, "bind", sql)
  }
  package func bindNull(at index: Int32) throws(SQLiteError) {
    try database.check(sqlite3_bind_null(handle, index), "bind", sql)
  }

  // MARK: columns of the row, numbered from 0

  package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
  package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  package func real(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }
  package func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))), as: UTF8.self)
  }
  package func value(_ column: Int32) -> AnyValue {
    switch sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_FLOAT: .real(real(column))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_BLOB: .blob(blob(column))
    default: .null
    }
  }
  package func blob(_ column: Int32) -> [UInt8] {
    let start = sqlite3_column_blob(handle, column)
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }
}

/// Tells SQLite to copy a bound value before the call returns (its SQLITE_TRANSIENT, a macro Swift does not see).
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

private func words(_ handle: OpaquePointer?, _ code: Int32) -> String {
  let specific = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
  return specific ?? String(cString: sqlite3_errstr(code))
}
