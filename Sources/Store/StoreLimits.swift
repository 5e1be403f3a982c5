import SQLite

/// How `store.max_bytes` is shared between the database and its log.
struct StoreLimits {
  let maxBytes: Int
  let preallocate: Bool
  /// The log's room, taken at the start.
  let logBytes: Int
  private static let pageBytes = 4096

  init(_ settings: StoreSettings) {
    maxBytes = settings.maxBytes
    preallocate = settings.preallocate
    logBytes = min(8 << 20, settings.maxBytes / 4)
  }

  /// Pages of the database at most.
  var pages: Int { (maxBytes - logBytes) / Self.pageBytes }

  func apply(to database: Database) throws(SQLiteError) {
    try restrict(database)
    // What a fill left that was cut short.
    try database.execute("DROP TABLE IF EXISTS room")
    if preallocate { try fill(database) }
  }

  /// What every connection that writes must keep to.
  func restrict(_ database: Database) throws(SQLiteError) {
    // A log that somebody's reading had made longer is cut when it begins anew.
    try database.execute("PRAGMA max_page_count = \(pages); PRAGMA journal_size_limit = \(logBytes)")
    database.checkpointByHand()
  }

  /// The log is copied into the database when half its room is used, which leaves the other half to one transaction.
  var logPagesToMove: Int { logBytes / 2 / Self.pageBytes }

  /// Grows the database by writing, and frees the pages inside it again. A disk that is too small for all of it is not filled up: the
  /// log takes its own room next, and others need some.
  private func fill(_ database: Database) throws(SQLiteError) {
    let wanted = pages * Self.pageBytes - (64 << 10)
    guard try database.pragma("page_count") * Self.pageBytes < wanted else { return }
    try database.execute("CREATE TABLE room (taken BLOB) STRICT")
    while true {
      let missing = wanted - (try database.pragma("page_count")) * Self.pageBytes
      guard missing > 0, (DiskSpace.freeBytes(at: database.path) ?? .max) > 3 * logBytes else { break }
      try database.run("INSERT INTO room VALUES (zeroblob(?))", min(missing, logBytes) / 64 * 56)
      try database.checkpoint(.passive)
    }
    try database.execute("DROP TABLE room")
  }
}
