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
    let texts = FeatureExtractors.all.flatMap { $0.descriptions } + BlockFeatures.descriptions.map(\.text)
    #expect(texts.allSatisfy { !$0.formula.isEmpty && !$0.source.isEmpty && !$0.abstains.isEmpty })
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
      return family.descriptions.map { text in
        defer { names = names.dropFirst(text.count) }
        return row(Array(names.prefix(text.count)), text)
      }
    }
    let ofBlocks = BlockFeatures.descriptions.map { row($0.names, $0.text) }
    let heading = "| name | formula | unit | of a constant | abstains | source |\n| --- | --- | --- | --- | --- | --- |\n"
    return heading + (rows + ofBlocks).joined()
  }

  private static func row(_ names: [String], _ text: FeatureDescription) -> String {
    let name = names.count == 1 ? "`\(names[0])`" : "`\(names.first ?? "")` … `\(names.last ?? "")`"
    return "| \(name) | \(text.formula) | \(text.unit) | \(text.ofConstant) | \(text.abstains) | \(text.source) |\n"
  }
}
