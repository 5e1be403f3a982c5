package enum ProtocolVersion: String, Sendable {
  case v5 = "5"
  case v311 = "3.1.1"
}

/// What the owner wants spoken; `auto`: 5, and 3.1.1 where the broker knows no 5.
package enum VersionPreference: Sendable { case auto, v5, v311 }

/// Which version the next attempt speaks: what once worked stays, what was refused gives way to the other.
struct VersionChoice {
  private let preference: VersionPreference
  private var isProven = false
  private(set) var next: ProtocolVersion

  init(_ preference: VersionPreference) {
    self.preference = preference
    next = preference == .v311 ? .v311 : .v5
  }

  mutating func worked() { isProven = true }

  /// The broker refused the version, or hung up on our CONNECT without an answer.
  mutating func wasRefused() {
    guard preference == .auto, !isProven else { return }
    next = next == .v5 ? .v311 : .v5
  }
}
