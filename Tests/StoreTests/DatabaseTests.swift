import SQLite
import TestSupport
import Testing

@Suite struct DatabaseTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }
  var path: String { folder.path + "/test.db" }

  @Test("values come back as they were bound")
  func values() throws {
    let database = try Database(path: path, mode: .readWriteCreate)
    try database.execute("CREATE TABLE kept (a INTEGER, b REAL, c TEXT, d BLOB, e INTEGER, f TEXT) STRICT")
    try database.run("INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?)", UInt64.max, 0.1, "", [UInt8](), Int?.none, "µ\u{0}²")
    let row = try database.first("SELECT a, b, c, d, e, f, d IS NULL FROM kept") { row in
      (row[0] as UInt64, row[1] as Double, row[2] as String?, row[3] as [UInt8], row[4] as Int?, row[5] as String, row[6] as Bool)
    }
    let kept = try #require(row)
    #expect(kept.0 == .max)
    #expect(kept.1 == 0.1)
    #expect(kept.2 == "")
    #expect(kept.3 == [])
    #expect(kept.4 == nil)
    #expect(kept.5 == "µ\u{0}²")
    #expect(!kept.6)
  }

  @Test("a transaction that throws leaves nothing")
  func rollback() throws {
    let database = try Database(path: path, mode: .readWriteCreate)
    try database.execute("CREATE TABLE kept (a INTEGER PRIMARY KEY) STRICT")
    #expect(throws: SQLiteError.self) {
      try database.transaction { () throws(SQLiteError) in
        try database.run("INSERT INTO kept VALUES (?)", 1)
        try database.run("INSERT INTO kept VALUES (?)", 1)
      }
    }
    #expect(!database.isInTransaction)
    #expect(try database.rows("SELECT a FROM kept") { $0[0] as Int } == [])
  }

  @Test("a statement used twice at once is two statements")
  func nested() throws {
    let database = try Database(path: path, mode: .readWriteCreate)
    try database.execute("CREATE TABLE kept (a INTEGER) STRICT; INSERT INTO kept VALUES (1), (2)")
    let pairs = try database.rows("SELECT a FROM kept ORDER BY a") { outer throws(SQLiteError) in
      let a: Int = outer[0]
      return try database.rows("SELECT a FROM kept ORDER BY a") { a * 10 + ($0[0] as Int) }
    }
    #expect(pairs == [[11, 12], [21, 22]])
  }

  @Test("a write lock held elsewhere is told as busy, and over when it is released")
  func busy() throws {
    let (one, other) = (
      try Database(path: path, mode: .readWriteCreate),
      try Database(path: path, mode: .readWriteCreate, busyTimeoutMilliseconds: 10)
    )
    try one.execute("PRAGMA journal_mode = WAL; CREATE TABLE kept (a INTEGER) STRICT; BEGIN IMMEDIATE")
    let error = #expect(throws: SQLiteError.self) { try other.transaction {} }
    #expect(error?.isBusy == true)
    try one.execute("COMMIT")
    try other.transaction {}
  }

  @Test("errors say the operation, the object and the reason")
  func errors() throws {
    let missing = #expect(throws: SQLiteError.self) { try Database(path: folder.path + "/no/such.db", mode: .readWriteCreate) }
    #expect(missing?.cannotOpen == true)
    #expect(missing?.description.contains("open \(folder.path)/no/such.db: ") == true)
    let database = try Database(path: path, mode: .readWriteCreate)
    let wrong = #expect(throws: SQLiteError.self) { try database.execute("SELEC 1") }
    #expect(wrong?.operation == "execute")
    #expect(wrong?.object == "SELEC 1")
    #expect(wrong?.reason.contains("syntax error") == true)
    let readOnly = try Database(path: path, mode: .readOnly)
    let refused = #expect(throws: SQLiteError.self) { try readOnly.execute("CREATE TABLE kept (a INTEGER)") }
    #expect(refused?.isReadOnly == true)
  }
}
