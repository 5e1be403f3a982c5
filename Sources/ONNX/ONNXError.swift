/// An ONNX file that cannot be written, or is not one that Thrum takes.
package struct ONNXError: Error, Equatable, CustomStringConvertible {
  package enum Operation: String, Sendable { case export, `import` }

  package let operation: Operation
  /// The file's part: an operator with its name, a tensor, the file itself.
  package let object: String
  package let reason: String

  init(_ operation: Operation, _ object: String, _ reason: String) {
    (self.operation, self.object, self.reason) = (operation, object, reason)
  }

  /// Refuses a file.
  init(_ object: String, _ reason: String) { self.init(.import, object, reason) }

  package var description: String { "\(operation.rawValue) \(object): \(reason)" }
}
