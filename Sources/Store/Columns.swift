import Anomaly
import Contracts
import SQLite
import Signal

extension UnixTime: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(integer: nanoseconds, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { Self(nanoseconds: row.integer(column)) }
}

extension ChainHash: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(blob: bytes, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { Self(unchecked: row.blob(column)) }
}

extension Epoch: Storable {
  package func bind(to statement: borrowing Statement, at index: Int32) throws(SQLiteError) {
    try statement.bind(blob: bytes, at: index)
  }
  package static func read(from row: borrowing Statement, at column: Int32) -> Self { Self(unchecked: row.blob(column)) }
}

extension Statement {
  /// The case whose text the column holds; `nil` for NULL and for a text that no case has.
  func text<Value: RawRepresentable<String>>(_ column: Int32, as type: Value.Type) -> Value? { Value(rawValue: text(column)) }

  func verdict(_ name: Int32, reason: Int32) -> Verdict {
    Verdict(name: text(name), reason: self[reason]) ?? .abstain(.noData)
  }

  /// JSON that this store wrote itself.
  func json<Value: Decodable>(_ column: Int32, as type: Value.Type) throws(SQLiteError) -> Value {
    do throws(JSONError) { return try JSON.decode(type, from: text(column).utf8) } catch {
      throw SQLiteError(operation: "read", object: "column \(column)", reason: "\(error)", extendedCode: SQLiteError.corrupt)
    }
  }
}
