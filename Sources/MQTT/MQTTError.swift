/// What went wrong between us and a broker, in words for the person who has to mend it.
package struct MQTTError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `connect to`, `publish to`, `read` …
  package let operation: String
  /// The broker's address, a topic, a file.
  package let object: String
  package let reason: String
  /// What to do about it, when that is known.
  package let remedy: String?

  package init(_ operation: String, _ object: String, reason: String, remedy: String? = nil) {
    self.operation = operation
    self.object = object
    self.reason = reason
    self.remedy = remedy
  }

  package var description: String { "\(operation) \(object): \(reason)" + (remedy.map { "; \($0)" } ?? "") }
}
