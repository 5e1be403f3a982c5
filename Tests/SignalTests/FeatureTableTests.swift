import Foundation
import TestSupport
import Testing

@testable import Signal

/// docs/SIGNAL.md tells what THE LIST computes.
@Suite("The table of features")
struct FeatureTableTests {
  @Test("every feature is described, once, in its order")
  func complete() {
    for family in FeatureExtractors.all { #expect(family.descriptions.reduce(0) { $0 + $1.count } == family.names.count) }
  }

  /// `THRUM_WRITE_DOCS=1 scripts/test --filter FeatureTableTests` writes it anew.
  @Test("stands in docs/SIGNAL.md")
  func documented() throws {
    let file = URL(fileURLWithPath: repositoryRoot + "/docs/SIGNAL.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(text.range(of: "<!-- features -->\n")?.upperBound)
    let end = try #require(text.range(of: "<!-- /features -->")?.lowerBound)
    if ProcessInfo.processInfo.environment["THRUM_WRITE_DOCS"] != nil {
      try text.replacingCharacters(in: start..<end, with: Self.table).write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(String(text[start..<end]) == Self.table)
    }
  }

  private static var table: String {
    let rows = FeatureExtractors.all.flatMap { family in
      var names = family.names[...]
      return family.descriptions.map { row in
        let own = names.prefix(row.count)
        names = names.dropFirst(row.count)
        let name = own.count == 1 ? "`\(own[own.startIndex])`" : "`\(own.first ?? "")` … `\(own.last ?? "")`"
        return "| \(name) | \(row.formula) | \(row.unit) | \(row.ofConstant) |\n"
      }
    }
    return "| name | formula | unit | of a constant |\n| --- | --- | --- | --- |\n" + rows.joined()
  }
}
