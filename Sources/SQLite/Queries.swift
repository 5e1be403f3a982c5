extension Database {
  /// Runs one statement with these values.
  package func run<each Value: Storable>(_ sql: String, _ value: repeat each Value) throws(SQLiteError) {
    let statement = try prepare(sql)
    try statement.bind(repeat each value)
    while try statement.step() {}
  }

  /// The same with values of whatever kind.
  package func run(_ sql: String, all values: [AnyValue]) throws(SQLiteError) {
    let statement = try prepare(sql)
    for (index, value) in values.enumerated() { try value.bind(to: statement, at: Int32(index + 1)) }
    while try statement.step() {}
  }

  /// Whether there is a row.
  package func exists(_ sql: String, _ values: [AnyValue]) throws(SQLiteError) -> Bool {
    let statement = try prepare(sql)
    for (index, value) in values.enumerated() { try value.bind(to: statement, at: Int32(index + 1)) }
    return try statement.step()
  }

  /// Every row, each read by `read`, in the statement's order.
  package func rows<Row, each Value: Storable>(
    _ sql: String, _ value: repeat each Value, read: (borrowing Statement) throws(SQLiteError) -> Row
  ) throws(SQLiteError) -> [Row] {
    var rows: [Row] = []
    try each(sql, repeat each value) { row throws(SQLiteError) in rows.append(try read(row)) }
    return rows
  }

  /// Gives every row to `take`, in the statement's order, and keeps none.
  package func each<each Value: Storable>(
    _ sql: String, _ value: repeat each Value, take: (borrowing Statement) throws(SQLiteError) -> Void
  ) throws(SQLiteError) {
    let statement = try prepare(sql)
    try statement.bind(repeat each value)
    while try statement.step() { try take(statement) }
  }

  /// The first row; `nil` when there is none.
  package func first<Row, each Value: Storable>(
    _ sql: String, _ value: repeat each Value, read: (borrowing Statement) throws(SQLiteError) -> Row
  ) throws(SQLiteError) -> Row? {
    let statement = try prepare(sql)
    try statement.bind(repeat each value)
    return try statement.step() ? try read(statement) : nil
  }

  /// A setting or figure of the database that is a whole number.
  package func pragma(_ name: String) throws(SQLiteError) -> Int {
    try first("PRAGMA \(name)") { $0[0] } ?? 0
  }

  /// All of `body` or, when it throws, nothing of it.
  package func transaction<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
    try execute("BEGIN IMMEDIATE")
    return try finish(body)
  }

  /// Everything `body` reads is of one moment. Keep it short: a writer cannot reuse its log meanwhile.
  package func snapshot<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
    try execute("BEGIN")
    return try finish(body)
  }

  private func finish<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // Some failures (disk full, I/O) have rolled back already.
      if isInTransaction { try? execute("ROLLBACK") }
      throw error
    }
  }
}

extension Statement {
  /// Binds the values to the parameters in their order.
  package func bind<each Value: Storable>(_ value: repeat each Value) throws(SQLiteError) {
    var index: Int32 = 0
    for value in repeat each value {
      index += 1
      try value.bind(to: self, at: index)
    }
  }

  /// The row's value in a column, from 0. NULL is `nil`, or the empty value of a type that has none.
  package subscript<Value: Storable>(column: Int32) -> Value { Value.read(from: self, at: column) }
}
