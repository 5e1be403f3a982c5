/// A signal cannot be analysed as asked. Carries what was asked and what would do instead.
package struct SignalError: Error, Equatable, CustomStringConvertible {
  package let operation: String
  package let object: String
  package let reason: String

  package init(_ operation: String, _ object: String, reason: String) {
    self.operation = operation
    self.object = object
    self.reason = reason
  }

  package var description: String { "\(operation) \(object): \(reason)" }
}
