import Anomaly
import Foundation
import TestSupport
import Testing

/// docs/OPERATIONS.md is where people look when something is counted.
@Suite struct OperationsTests {
  private let text: String

  init() throws { text = try String(contentsOfFile: "\(repositoryRoot)/docs/OPERATIONS.md", encoding: .utf8) }

  @Test("every reason for quarantine and for dropping stands there with what it means and what to do")
  func reasons() {
    for reason in QuarantineReason.allCases.map(\.rawValue) + DropReason.allCases.map(\.rawValue) {
      let row = text.split(separator: "\n").first { $0.hasPrefix("| `\(reason)` |") }
      let cells = row?.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
      #expect(cells.count == 3 && cells.allSatisfy { !$0.isEmpty }, "\(reason)")
    }
  }
}
