/// A value that a column holds. `UInt64` is kept by its bits (SQLite's integers are signed), `nil` as NULL.
package protocol Storable {
  /// - Parameter index: of the parameter, from 1.
  func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError)
  /// - Parameter column: from 0.
  static func read(from row: borrowing Statement, at column: Int32) -> Self
}

extension Int64: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(integer: self, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { row.integer(column) }
}

extension Int: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(integer: Int64(self), at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { Int(row.integer(column)) }
}

extension UInt64: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(integer: Int64(bitPattern: self), at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { Self(bitPattern: row.integer(column)) }
}

extension Bool: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(integer: self ? 1 : 0, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { row.integer(column) != 0 }
}

extension Double: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(real: self, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { row.real(column) }
}

extension String: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(text: self, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { row.text(column) }
}

extension [UInt8]: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(blob: self, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { row.blob(column) }
}

extension Optional: Storable where Wrapped: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    guard let self else { return try statement.bindNull(at: index) }
    try self.bind(to: statement, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self {
    row.isNull(column) ? nil : Wrapped.read(from: row, at: column)
  }
}

/// A value of whatever kind a column holds, for rows that are copied and not understood.
package enum AnyValue: Storable, Sendable, Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    switch self {
    case .null: try statement.bindNull(at: index)
    case .integer(let value): try statement.bind(integer: value, at: index)
    case .real(let value): try statement.bind(real: value, at: index)
    case .text(let value): try statement.bind(text: value, at: index)
    case .blob(let value): try statement.bind(blob: value, at: index)
    }
  }

  package static func read(from row: borrowing Statement, at column: Int32) -> Self { row.value(column) }
}
