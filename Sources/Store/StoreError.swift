import SQLite

/// Why the store could not be opened, read or written, and what to do about it.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  package var operation: String
  package var object: String
  package var reason: String
  package var remedy: String?
  package var kind: Kind

  package enum Kind: Sendable, Equatable {
    /// Another process keeps the store.
    case inUse(pid: Int32)
    /// Another connection holds the write lock: try again.
    case busy
    /// `store.max_bytes` is used up, or the disk is.
    case full
    case readOnly
    /// The disk failed a read or a write; it may do the next one.
    case inputOutput
    case corrupt
    /// Written by a newer Thrum.
    case newerSchema
    /// Not a database of ours.
    case foreign
    case failed
  }

  package init(_ operation: String, _ object: String, reason: String, remedy: String? = nil, kind: Kind = .failed) {
    self.operation = operation
    self.object = object
    self.reason = reason
    self.remedy = remedy
    self.kind = kind
  }

  init(_ operation: String, _ object: String, _ error: SQLiteError) {
    let isDamaged = error.code == SQLiteError.corrupt
    let remedy = isDamaged ? "start thrumd: it salvages what can be read" : error.remedy
    self.init(operation, object, reason: error.reason, remedy: remedy, kind: Kind(error))
  }

  package var description: String { "\(operation) \(object): \(reason)" + (remedy.map { "; \($0)" } ?? "") }
}

extension StoreError.Kind {
  fileprivate init(_ error: SQLiteError) {
    let kinds: [(Bool, Self)] = [
      (error.isBusy, .busy), (error.isFull, .full), (error.isReadOnly, .readOnly), (error.isCorrupt, .corrupt),
      (error.isInputOutput, .inputOutput),
    ]
    self = kinds.first(where: \.0)?.1 ?? .failed
  }
}

/// Names what was being done when SQLite refused.
func naming<Result>(_ operation: String, _ object: String, _ body: () throws(SQLiteError) -> Result) throws(StoreError) -> Result
{
  do throws(SQLiteError) { return try body() } catch { throw StoreError(operation, object, error) }
}
