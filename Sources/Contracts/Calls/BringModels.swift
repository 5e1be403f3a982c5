/// Models from a folder that somebody brought, a stick: the plane's repository as `thrum-plane export-repository` wrote it. It is judged as
/// what comes over the link is.
package struct BringModels: Call {
  package static let name = "bring-models"
  package static let allowed: Set<Role> = [.admin]

  /// As the daemon sees it.
  package var folder: String

  package init(folder: String) { self.folder = folder }

  package func check() throws(CallProblem) {
    try CallText.check(folder, "folder", of: Self.name, maxBytes: 4096)
    guard folder.hasPrefix("/") else { throw CallProblem(.invalid, Self.name, "folder", reason: "expected a path from / on") }
  }

  package struct Reply: Codable, Sendable, Equatable {
    /// Rollouts of this gateway's fleet that it holds.
    package var rollouts: Int
    /// Packages that were new.
    package var packages: Int
    /// Why others were not taken.
    package var failures: [String]

    package init(rollouts: Int, packages: Int, failures: [String]) {
      (self.rollouts, self.packages, self.failures) = (rollouts, packages, failures)
    }
  }
}
