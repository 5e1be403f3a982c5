/// A question or order to the daemon over its local socket: `POST /v1/calls/NAME`, JSON in, JSON out.
package protocol Call: Codable, Sendable {
  /// The last part of the path: small letters and `-`.
  static var name: String { get }
  /// Who may ask.
  static var allowed: Set<Role> { get }
  associatedtype Reply: Codable, Sendable
  /// Refuses what no gateway could do, before anything else looks at it.
  func check() throws(CallProblem)
}

extension Call {
  package static var allowed: Set<Role> { [.operator, .admin] }
  package func check() throws(CallProblem) {}
}

/// The path of a call.
package enum CallPath {
  package static let prefix = "/v1/calls/"
}

/// What a person at this gateway may do: look; answer alarms and look after points; or change the gateway itself.
package enum Role: String, Codable, Sendable, CaseIterable { case viewer, `operator`, admin }

/// Who asks, as the kernel tells of the other end of the socket.
package struct Caller: Sendable, Equatable {
  package var uid: UInt32
  /// The user's name, or `uid 1234` where it has none.
  package var name: String
  package var role: Role

  package init(uid: UInt32, name: String, role: Role) {
    self.uid = uid
    self.name = name
    self.role = role
  }
}

/// Why a call was not done, and what to do about it; the body of every answer that is not 200.
package struct CallProblem: Error, Codable, Sendable, Equatable, CustomStringConvertible {
  package enum Kind: String, Codable, Sendable {
    /// The call itself is wrong.
    case invalid
    /// The caller's role does not allow it.
    case forbidden
    /// What it names is not there.
    case notFound = "not_found"
    /// It does not fit how things stand.
    case conflict
    /// Too much waits; try again.
    case busy
    /// The daemon is stopping, or its store refuses.
    case unavailable
  }

  package var kind: Kind
  package var operation: String
  package var object: String
  package var reason: String
  package var remedy: String?

  package init(_ kind: Kind, _ operation: String, _ object: String, reason: String, remedy: String? = nil) {
    self.kind = kind
    self.operation = operation
    self.object = object
    self.reason = reason
    self.remedy = remedy
  }

  package var description: String {
    // A call's name is for machines: `open-page`.
    let words = String(operation.map { $0 == "-" ? " " : $0 })
    let what = object.isEmpty ? words : "\(words) \(object)"
    return "\(what): \(reason)" + (remedy.map { "; \($0)" } ?? "")
  }
}

/// Bounds of what people type.
enum CallText {
  static let maxNoteBytes = 1000

  /// - Throws: `invalid` for an empty or long text and for control characters.
  static func check(_ text: String?, _ name: String, of operation: String, maxBytes: Int = maxNoteBytes) throws(CallProblem) {
    guard let text else { return }
    guard (1...maxBytes).contains(text.utf8.count), !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else {
      throw CallProblem(.invalid, operation, name, reason: "expected 1 to \(maxBytes) bytes on one line")
    }
  }

  static func check(seconds: Int?, in range: ClosedRange<Int>, of operation: String) throws(CallProblem) {
    guard let seconds, !range.contains(seconds) else { return }
    throw CallProblem(
      .invalid, operation, "for", reason: "expected \(range.lowerBound) s to \(range.upperBound / 86_400) days, got \(seconds) s")
  }
}
