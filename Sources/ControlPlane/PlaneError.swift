import SQLite

/// What the control plane cannot do, and what to do about it.
package struct PlaneError: Error, Sendable, CustomStringConvertible {
  package var operation: String
  package var object: String
  package var reason: String
  package var remedy: String?

  package init(_ operation: String, _ object: String, reason: String, remedy: String? = nil) {
    self.operation = operation
    self.object = object
    self.reason = reason
    self.remedy = remedy
  }

  /// In words for the file's owner: a statement's text tells them nothing.
  init(_ error: SQLiteError, _ path: String) {
    self.init(error.operation == "open" ? "open" : "use", path, reason: error.reason, remedy: error.remedy)
  }

  package var description: String { "\(operation) \(object): \(reason)" + (remedy.map { "; \($0)" } ?? "") }
}
