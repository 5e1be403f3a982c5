import Signal
import Testing

@testable import ModelPackages

@Suite("Rules of metadata")
struct MetadataRulesTests {
  @Test(
    "a time is exactly a UTC second of the calendar",
    arguments: [
      "2030-02-29T00:00:00Z", "2030-00-01T00:00:00Z", "2030-13-01T00:00:00Z", "2030-04-31T00:00:00Z", "2030-01-01T24:00:00Z",
      "2030-01-01T00:60:00Z", "2030-01-01T00:00:60Z", "2030-01-01T00:00:00z", "2030-01-01 00:00:00Z", "2030-01-01T00:00:00.0Z",
      "2030-01-01T00:00:00+00:00", "30-01-01T00:00:00Z", "", "２030-01-01T00:00:00Z", "0030-01-01T00:00:00Z",
      "2100-02-29T00:00:00Z",
    ])
  func notATime(text: String) { #expect(Expiry(UTF8Text(text)) == nil) }

  @Test("metadata expires with its second, also beyond what the clock can count")
  func expiry() throws {
    let expiry = try #require(Expiry("2028-02-29T12:00:00Z"))
    let second = try #require(UnixTime(rfc3339: "2028-02-29T12:00:00Z"))
    #expect(expiry.isPast(at: second))
    #expect(!expiry.isPast(at: UnixTime(nanoseconds: second.nanoseconds - 1)))
    #expect(expiry.isPast(at: second.advanced(bySeconds: 0.5)))
    #expect(!(try #require(Expiry("9999-12-31T23:59:59Z"))).isPast(at: UnixTime(nanoseconds: .max)))
    #expect((try #require(Expiry("1000-01-01T00:00:00Z"))).isPast(at: UnixTime(nanoseconds: 0)))
  }

  @Test("a pattern matches as its slow twin says")
  func patterns() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<3000 {
      let word = { (letters: String) in
        String((0..<Int.random(in: 0..<7, using: &random)).compactMap { _ in letters.randomElement(using: &random) })
      }
      let (pattern, path) = (word("ab*?/é"), word("ab/é"))
      #expect(
        PathPattern.matches(UTF8Text(pattern), UTF8Text(path))
          == slowMatch(Array(pattern.unicodeScalars)[...], Array(path.unicodeScalars)[...]),
        "\(pattern) \(path)")
    }
  }

  private func slowMatch(_ pattern: ArraySlice<Unicode.Scalar>, _ path: ArraySlice<Unicode.Scalar>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == "*", slowMatch(pattern.dropFirst(), path) { return true }
    guard let next = path.first else { return false }
    if first == "*" { return next != "/" && slowMatch(pattern, path.dropFirst()) }
    return (first == next || first == "?" && next != "/") && slowMatch(pattern.dropFirst(), path.dropFirst())
  }

  @Test("a hostile pattern takes no time, and a set of characters matches nothing")
  func hostilePatterns() {
    let stars = UTF8Text(String(repeating: "*a", count: 200) + "b")
    #expect(!PathPattern.matches(stars, UTF8Text(String(repeating: "a", count: 400))))
    #expect(!PathPattern.matches("[ab].model", "a.model"))
    #expect(!PathPattern.matches("[ab].model", "[ab].model"))
  }

  @Test("names never become more than a name", arguments: ["../x", "/etc/passwd", "a b", "..", "\u{202E}", "A", "%", "a\0b"])
  func encodedNames(name: String) {
    let encoded = UTF8Text(name).percentEncoded
    #expect(encoded.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-%ABCDEF".utf8.contains($0) })
    #expect(!UTF8Text(name).description.unicodeScalars.contains { !(0x20..<0x7F).contains($0.value) })
  }
}
