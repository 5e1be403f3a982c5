/// Chooses points. Each pattern is `machine/point`; a `*` stands for any characters, none too, within its part. A pattern behind a `!`
/// excludes, wherever it stands. A point is chosen when some pattern includes it and none excludes it.
package struct Selector: Sendable, Equatable {
  package let patterns: [String]

  package static let mostPatterns = 256
  /// Of a pattern.
  package static let mostBytes = 256

  /// Chooses nothing.
  package init() { patterns = [] }

  /// `nil` where a pattern is none, or all exclude.
  package init?(_ patterns: [String]) {
    guard patterns.count <= Self.mostPatterns, patterns.allSatisfy(Self.isPattern),
      patterns.isEmpty || patterns.contains(where: { !$0.hasPrefix("!") })
    else { return nil }
    self.patterns = patterns
  }

  package var isEmpty: Bool { patterns.isEmpty }

  /// - Parameter point: as `machine/point`.
  package func chooses(_ point: String) -> Bool {
    let text = UTF8Text(point)
    return patterns.contains { !$0.hasPrefix("!") && PathPattern.matches(UTF8Text($0), text) }
      && !patterns.contains { $0.hasPrefix("!") && PathPattern.matches(UTF8Text($0.dropFirst()), text) }
  }

  private static func isPattern(_ text: String) -> Bool {
    let pattern = text.hasPrefix("!") ? text.dropFirst() : text[...]
    let parts = pattern.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return text.utf8.count <= mostBytes && parts.count == 2
      && parts.allSatisfy { part in !part.isEmpty && !part.contains { $0 < 0x21 || $0 == 0x7F || "?[]!".utf8.contains($0) } }
  }

  var json: SignedJSON { .array(patterns.map { .text(UTF8Text($0)) }) }
}
