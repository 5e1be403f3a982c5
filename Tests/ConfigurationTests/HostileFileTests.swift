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

  @Test("a key of so many names that the parser would not come back is refused, wherever it stands")
  func deepKeys() {
    let key = String(repeating: "a.", count: 30_000) + "a"
    for text in [
      "\(key) = 1", "[\(key)]", "[[\(key)]]", "x = { y = 1, \(key) = 1 }", "x = '#'\n\(key) = 1", "x = \"\\\"#\"\n\(key) = 1",
    ] {
      #expect(problems(text).contains { $0.contains("names joined by dots") }, "\(text.prefix(40))")
    }
    isReadOrRefused(String(repeating: "a.a.a.a.a.a.a.a.a = {", count: 256) + String(repeating: "}", count: 256))
  }

  @Test(
    "headers at which the parser would stop the process are refused with their line",
    arguments: ["[.a]", "[[[a]", "[=]", "[[ä]]", "[", "[ ", "[\n]", "[#]", "[[\t.a]]", "[\ra]"])
  func headers(text: String) {
    #expect(problems("a = [\n[1], [2]]\n\(text)").first?.contains("line 3: expected a table's name") == true)
  }

  @Test("dates and times are refused with their line", arguments: ["1979-05-27", "1979-05-27T7", "[ 1,\n\n7:", "{ b = 07:32:00"])
  func times(text: String) { #expect(problems("# \na = \(text)").first?.contains("expected no date or time") == true) }

  @Test("brackets that do not match are refused with their line", arguments: ["[}", "]", "[[1]}", "{ b = [1} ]", "}"])
  func brackets(text: String) { #expect(problems("\n\na = \(text)").first?.contains("line 3: expected a bracket") == true) }

  @Test("a byte 0 does not end the file unseen")
  func zeroByte() { #expect(problems("# fine\n[gateway]\n\0nonsense").first?.contains("line 3: expected text") == true) }

  @Test("dots in texts, numbers and comments are no nesting")
  func otherDots() {
    let dots = String(repeating: ".", count: 40)
    let numbers = Array(repeating: "1.5", count: 40).joined(separator: ", ")
    for text in [
      "# \(dots)", "a = '\(dots)'", "a = \"\\\"\(dots)\"", "a = \"\"\"\n\(dots)\"\"\"\"\"", "a = '''\(dots)'''",
      "a = ''\nb = '\(dots)'", "a = [\(numbers)]",
    ] {
      #expect(!problems(text).contains { $0.contains("names joined by dots") }, "\(text)")
    }
  }

  /// A refusal has something to say; getting here at all is the point.
  private func isReadOrRefused(_ text: String) {
    do { _ = try parse(text) } catch { #expect(error.problems.allSatisfy { !$0.text.isEmpty }) }
  }
}
