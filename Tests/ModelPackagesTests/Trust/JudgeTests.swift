import Foundation
import TestSupport
import Testing

/// The verdicts the other tests compare with, asked for again; minutes, so only with `scripts/test --all`.
@Suite("python-tuf", .enabled(if: ProcessInfo.processInfo.environment["THRUM_TESTS"] == "all"))
struct JudgeTests {
  @Test("still judges as written down", arguments: ["tuf_scenarios", "tuf_mutations"])
  func sameVerdicts(script: String) throws {
    try run(["\(repositoryRoot)/.venv/bin/python", "\(repositoryRoot)/scripts/golden/\(script).py", "--check"])
  }
}
