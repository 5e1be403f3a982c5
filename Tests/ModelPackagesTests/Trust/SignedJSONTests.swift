import ModelPackages
import Signal
import Testing

@Suite("JSON of signed metadata")
struct SignedJSONTests {
  private func canonical(_ text: String) throws -> String {
    String(decoding: try SignedJSONParser.parse(Array(text.utf8)).canonical, as: UTF8.self)
  }

  @Test(
    "what is signed is canonical: sorted by code point, nothing escaped but quotes and backslashes",
    arguments: [
      (" { \"b\" : [ 1 , -2 ] , \"a\" : null }\n", #"{"a":null,"b":[1,-2]}"#),
      (#"{"\u00e9":"\/\u0041\ud83d\ude00"}"#, "{\"é\":\"/A😀\"}"),
      (#"["\n\t\u0001\"\\"]"#, "[\"\n\t\u{1}\\\"\\\\\"]"),
      ("-0", "0"), ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
      ("{\"\u{1F600}\":1,\"\u{FFFD}\":2}", "{\"\u{FFFD}\":2,\"\u{1F600}\":1}"),
      ("[true,false,{},[]]", "[true,false,{},[]]"),
    ])
  func canonicalForm(text: String, expected: String) throws {
    #expect(Array(try canonical(text).utf8) == Array(expected.utf8))
  }

  @Test("two spellings that look alike are two names")
  func exactNames() throws {
    let value = try SignedJSONParser.parse(Array("{\"e\u{301}\":1,\"\u{E9}\":2}".utf8))
    #expect(value["\u{E9}"] == .integer(2))
    #expect(value["e\u{301}"] == .integer(1))
    #expect(UTF8Text("e\u{301}") != UTF8Text("\u{E9}"))
  }

  @Test(
    "where JSON leaves room for two readings it is refused",
    arguments: [
      (#"{"a":1,"a":1}"#, SignedJSONError.Rule.duplicateName), (#"{"a":1,"\u0061":2}"#, .duplicateName),
      (#"{"x":{"a":1,"b":2,"a":3}}"#, .duplicateName), ("1.0", .number), ("1e0", .number), ("9223372036854775808", .number),
      ("-9223372036854775809", .number), ("01", .grammar), ("-", .grammar), ("+1", .grammar), ("NaN", .grammar), ("", .grammar),
      ("1 2", .grammar), ("[1,]", .grammar), ("{\"a\":1,}", .grammar), ("{a:1}", .grammar), ("{\"a\"}", .grammar),
      ("tru", .grammar),
      (#""\ud83d""#, .encoding), (#""\ude00\ud83d""#, .encoding), (#""\ud83dx""#, .encoding), (#""\x""#, .grammar),
      (#""\u12g4""#, .grammar), ("\"\u{1}\"", .grammar), ("\"", .grammar), ("\u{FEFF}1", .grammar), ("[1", .grammar),
    ])
  func refused(text: String, rule: SignedJSONError.Rule) {
    #expect(throws: SignedJSONError.self) { try SignedJSONParser.parse(Array(text.utf8)) }
    do throws(SignedJSONError) { _ = try SignedJSONParser.parse(Array(text.utf8)) } catch {
      #expect(error.rule == rule, "\(error)")
    }
  }

  @Test("depth and number of values are bounded")
  func bounds() throws {
    let depth = SignedJSONParser.maxDepth
    let nested = { Array((String(repeating: "[", count: $0) + String(repeating: "]", count: $0)).utf8) }
    _ = try SignedJSONParser.parse(nested(depth))
    #expect(throws: SignedJSONError.self) { try SignedJSONParser.parse(nested(depth + 1)) }
    let many = Array(("[" + String(repeating: "1,", count: SignedJSONParser.maxValues) + "1]").utf8)
    #expect(throws: SignedJSONError.self) { try SignedJSONParser.parse(many) }
  }

  @Test("random bytes and random changes of real metadata never do more than throw, and what is read is read the same again")
  func fuzz() throws {
    var random = SplitMix64(seed: 5)
    let file = try #require(try MutationGolden.read().second["targets"])
    let alphabet = Array("{}[]\",:\\u0123456789eE.-truefalsnl \n\u{E9}".utf8)
    for round in 0..<4000 {
      var bytes =
        round % 2 == 0
        ? file : (0..<Int.random(in: 0..<60, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      for _ in 0..<Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
        default: bytes = Array(bytes[..<place])
        }
      }
      guard let value = try? SignedJSONParser.parse(bytes) else { continue }
      #expect(try SignedJSONParser.parse(value.canonical) == value)
    }
  }
}
