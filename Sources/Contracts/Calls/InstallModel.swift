/// A model's package that a person brings as a file, with nobody's signature. Only where `allow_unsigned` of `[models]` says so; it goes
/// the same road as any other, and is called unsigned wherever it is named.
package struct InstallModel: Call {
  package static let name = "install-model"
  package static let allowed: Set<Role> = [.admin]

  /// As the daemon sees it.
  package var file: String
  /// Selector patterns, as rollouts have them.
  package var points: [String]
  package var shadowWindows: Int
  package var canaryWindows: Int

  package init(file: String, points: [String], shadowWindows: Int, canaryWindows: Int) {
    (self.file, self.points) = (file, points)
    (self.shadowWindows, self.canaryWindows) = (shadowWindows, canaryWindows)
  }

  package func check() throws(CallProblem) {
    try CallText.check(file, "file", of: Self.name, maxBytes: 4096)
    guard file.hasPrefix("/") else { throw CallProblem(.invalid, Self.name, "file", reason: "expected a path from / on") }
    guard (0...1_000_000).contains(shadowWindows), (0...1_000_000).contains(canaryWindows) else {
      throw CallProblem(.invalid, Self.name, "windows", reason: "expected 0 to 1000000")
    }
  }

  package struct Reply: Codable, Sendable, Equatable {
    package var model: String
    package var version: String
    package var sha256: String

    package init(model: String, version: String, sha256: String) {
      (self.model, self.version, self.sha256) = (model, version, sha256)
    }
  }
}
