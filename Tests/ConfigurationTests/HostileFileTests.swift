import Testing

@testable import Configuration

/// A configuration may come from anywhere; the worst it can be is wrong.
@Suite("Hostile configuration files")
struct HostileFileTests {
  @Test("cut at any byte it is read or refused")
  func truncation() {
    let whole = Array(Example.contract.utf8)
    for count in 0..<whole.count { isReadOrRefused(String(decoding: whole.prefix(count), as: UTF8.self)) }
  }

  @Test("with any value put in place of any other it is read or refused")
  func exchangedValues() {
    let lines = Example.contract.split(separator: "\n").map(String.init)
    let values = [
      "1", "-9223372036854775808", "1e308", "nan", "true", "''", "[]", "[[1]]", "{}", "[{}]", "1979-05-27", "07:32:00",
      "{a={b={c=1}}}",
    ]
    for (index, line) in lines.enumerated() {
      guard let key = line.split(separator: "=").first, line.contains("=") else { continue }
      for value in values {
        var changed = lines
        changed[index] = "\(key)= \(value)"
        isReadOrRefused(changed.joined(separator: "\n"))
      }
    }
  }

  @Test(
    "tables in place of lists, lists of no tables, odd keys and deep nesting are refused",
    arguments: [
      "gateway = 1", "source = 1", "source = [1]", "source = {}", "[source]\ntopic = 'x'", "[[gateway]]\nname = 'x'",
      "machine = [[]]",
      "'' = 1", "\"a\\u0001\" = 1", "ключ = 1", "[plane.url.x]", "x = " + String(repeating: "[", count: 5000),
      "x = " + String(repeating: "{a=", count: 5000), "a = 1\na = 2", "[machine]\npoint = 3",
    ])
  func oddForms(text: String) { #expect(!problems(text).isEmpty, "\(text.prefix(40))") }

  /// A refusal has something to say; getting here at all is the point.
  private func isReadOrRefused(_ text: String) {
    do { _ = try parse(text) } catch { #expect(error.problems.allSatisfy { !$0.text.isEmpty }) }
  }
}
