/// Why an update was not trusted, and nothing changed by it.
package struct TrustError: Error, Equatable, CustomStringConvertible {
  package var kind: Kind
  package var operation: String
  package var object: String
  package var reason: String
  package var remedy: String?

  /// The reason that a machine reads, in `up/reported`.
  package enum Kind: String, Sendable, CaseIterable {
    /// Not the JSON that signed metadata is, or a field missing or impossible.
    case malformed
    /// Properly made, but for another role.
    case wrongType = "wrong_type"
    /// A key whose id is not the digest of it.
    case keyID = "key_id"
    /// Fewer good signatures than the role's threshold.
    case notSigned = "not_signed"
    case expired
    /// A version lower than one seen before, or a root that is not the next one.
    case rollback
    /// Not the version, length or digest that the signed metadata before it says.
    case mismatch
    /// More bytes than announced or allowed.
    case tooLong = "too_long"
    case notFound = "not_found"
    /// No answer: not the same as an answer that there is nothing.
    case unreachable
    /// Kept back by who has it: its rollout is halted.
    case held
    /// Our own files.
    case storage
  }

  package init(
    _ kind: Kind, _ operation: String, _ object: some CustomStringConvertible, _ reason: String, remedy: String? = nil
  ) {
    self.kind = kind
    self.operation = operation
    self.object = object.description
    self.reason = reason
    self.remedy = remedy
  }

  package var description: String { "\(operation) \(object): \(reason)" + (remedy.map { "; \($0)" } ?? "") }
}
