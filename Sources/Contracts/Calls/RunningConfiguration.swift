import Signal

/// Which configuration the daemon works with, to be compared with the files as they are now. Anybody may ask.
package struct RunningConfiguration: Call {
  package static let name = "running-configuration"
  package static let allowed = Set(Role.allCases)

  package struct Reply: Codable, Sendable, Equatable {
    package var file: String
    /// Of what was read (`ConfigFile.fingerprint`).
    package var fingerprint: String
    package var readAt: UnixTime
    /// The last reload that was asked for and refused.
    package var refused: Refusal?

    package init(file: String, fingerprint: String, readAt: UnixTime, refused: Refusal? = nil) {
      (self.file, self.fingerprint, self.readAt, self.refused) = (file, fingerprint, readAt, refused)
    }
  }

  package struct Refusal: Codable, Sendable, Equatable {
    package var at: UnixTime
    /// The first 20 problems, each with file, key and what is expected.
    package var problems: [String]

    package init(at time: UnixTime, problems: [String]) { (at, self.problems) = (time, problems) }
  }

  package init() {}
}
