import Signal
import Testing

@testable import Payloads

@Suite("Mapped JSON")
struct MappedJSONTests {
  static let everyField = PayloadFormat(
    kind: "json",
    fields: .init(
      samples: "data.values", rate: "data.fs", unit: "u", time: "t", timeUnit: .milliseconds, sequence: "n", rpm: "shaft.rpm"))

  static let message = """
    { "ignored": [1, {"u": null}, "\\"}"], "u": "m/s2", "t": 1700000000123, "n": 18446744073709551615,
      "shaft": {"rpm": 1485.5}, "data": {"fs": 25600, "values": [0, -1.5, 2e-3, 1.25E+2]}, "more": true }
    """

  private func decoder(_ format: PayloadFormat = everyField) throws -> any PayloadDecoder {
    try PayloadDecoders.decoder(for: format)
  }

  /// Samples only; unit and rate are the configuration's.
  private var plain: PayloadFormat { PayloadFormat(kind: "json", unit: .gravity, sampleRateHz: 1000) }

  @Test("every field is found where the configuration says, in nested objects too")
  func everyField() throws {
    let frame = try decoder().frame(Array(Self.message.utf8), receivedAt: now)
    #expect(frame.samples == [0, -1.5, 0.002, 125])
    #expect(frame.unit == .metrePerSecondSquared)
    #expect(frame.sampleRateHz == 25600)
    #expect(frame.startTime == UnixTime(nanoseconds: 1_700_000_000_123_000_000))
    #expect(frame.sequence == .max)
    #expect(frame.speedRPM == 1485.5)
  }

  @Test("times are RFC 3339 or numbers in the unit declared")
  func times() throws {
    func time(_ text: String, _ unit: PayloadFormat.TimeUnit) throws -> Int64? {
      var format = plain
      (format.fields.time, format.fields.timeUnit) = ("t", unit)
      return try decoder(format).frame(Array("{\"t\":\(text),\"samples\":[1]}".utf8), receivedAt: now).startTime?.nanoseconds
    }
    #expect(try time("1700000000.5", .seconds) == 1_700_000_000_500_000_000)
    #expect(try time("1700000000500000", .microseconds) == 1_700_000_000_500_000_000)
    #expect(try time("\"2023-11-14T22:13:20.500Z\"", .seconds) == 1_700_000_000_500_000_000)
    for wrong in ["\"yesterday\"", "-1", "1e300", "true", "[1]", "\"\""] {
      #expect(throws: PayloadError.self, "\(wrong)") { try time(wrong, .seconds) }
    }
  }

  @Test("samples are scaled; the digest is of the samples as written")
  func scale() throws {
    var format = plain
    format.scale = 0.5
    let frame = try decoder(format).frame(Array(#"{"a":1,"samples":[2,4]}"#.utf8), receivedAt: now)
    #expect(frame.samples == [1, 2])
    #expect(frame.sampleDigest == Digest64.of("[2,4]"))
  }

  @Test(
    "what is no message of this form is refused with its reason",
    arguments: [
      ("", "emptyPayload"), (" ", "malformed"), ("[1]", "malformed"), ("{}", "malformed"), (#"{"samples":[]}"#, "wrongLength"),
      (#"{"samples":[1]"#, "malformed"), (#"{"samples":[1]}x"#, "malformed"), (#"{"samples":[1,]}"#, "malformed"),
      (#"{"samples":[NaN]}"#, "malformed"), (#"{"samples":[Infinity]}"#, "malformed"), (#"{"samples":[1e39]}"#, "malformed"),
      (#"{"samples":[1e400]}"#, "malformed"), (#"{"samples":[1e99999]}"#, "malformed"), (#"{"samples":[null]}"#, "malformed"),
      (#"{"samples":["1"]}"#, "malformed"), (#"{"samples":[[1]]}"#, "malformed"), (#"{"samples":[01]}"#, "malformed"),
      (#"{"samples":[1.]}"#, "malformed"), (#"{"samples":[.5]}"#, "malformed"), (#"{"samples":[+1]}"#, "malformed"),
      (#"{"samples":[-]}"#, "malformed"), (#"{"samples":[0x1]}"#, "malformed"), (#"{"samples":1}"#, "malformed"),
      (#"{"samples":[1],"samples":[2]}"#, "malformed"), (#"{"samples":[1],"a":tru}"#, "malformed"),
      (#"{"samples":[1],"a":"\x"}"#, "malformed"), (#"{"samples":[1],"a":"\u12"}"#, "malformed"),
      (#"{'samples':[1]}"#, "malformed"),
      ("{\"samples\":[1],\"a\":\"\n\"}", "malformed"), (String(repeating: #"{"a":"#, count: 40), "malformed"),
      (#"{"a":"# + String(repeating: "[", count: 100_000), "malformed"),
    ])
  func refused(text: String, kind: String) throws {
    #expect(try decoder(plain).refusal(Array(text.utf8))?.kind == kind, "\(text.prefix(60))")
  }

  @Test("a unit or a rate that is unknown, missing or contradicts the configuration is never guessed")
  func unitsAndRates() throws {
    var format = plain
    (format.fields.unit, format.fields.rate) = ("u", "fs")
    func kind(_ fields: String) throws -> String? { try decoder(format).refusal(Array("{\(fields)\"samples\":[1]}".utf8))?.kind }
    #expect(try kind(#""u":"g","fs":1000,"#) == nil)
    #expect(try kind(#""u":"m/s2","fs":1000,"#) == "wrongUnit")
    #expect(try kind(#""u":"furlong","fs":1000,"#) == "wrongUnit")
    #expect(try kind(#""u":1,"fs":1000,"#) == "wrongUnit")
    #expect(try kind(#""fs":1000,"#) == "wrongUnit")
    #expect(try kind(#""u":"g","fs":999,"#) == "wrongRate")
    #expect(try kind(#""u":"g","#) == "wrongRate")
    format.sampleRateHz = nil
    #expect(try kind(#""u":"g","fs":0,"#) == "wrongRate")
    #expect(try kind(#""u":"g","fs":-5,"#) == "wrongRate")
    #expect(try kind(#""u":"g","fs":1e12,"#) == "wrongRate")
  }

  @Test("a sequence must be whole, a speed possible", arguments: ["-1", "1.5", "1e3", "18446744073709551616", "\"7\"", "null"])
  func sequences(text: String) throws {
    var format = plain
    format.fields.sequence = "n"
    #expect(try decoder(format).refusal(Array("{\"n\":\(text),\"samples\":[1]}".utf8))?.kind == "malformed")
  }

  @Test("a message cut at any byte is refused")
  func truncation() throws {
    let whole = Array(Self.message.utf8)
    let decoder = try decoder()
    for count in 0..<whole.count { #expect(decoder.refusal(Array(whole.prefix(count))) != nil, "\(count) bytes") }
  }

  @Test("whatever is done to a message, it is decoded or refused, and what is decoded is finite")
  func mutations() throws {
    let decoder = try decoder()
    let whole = Array(Self.message.utf8)
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      let mutant = mutated(whole, &random)
      guard let frame = try? decoder.frame(mutant, receivedAt: now) else { continue }
      #expect(frame.samples.allSatisfy(\.isFinite) && !frame.samples.isEmpty && frame.sampleRateHz > 0)
    }
  }

  @Test("numbers are read as the C library reads them, but for the last bit or two")
  func numbers() throws {
    var random = SplitMix64(seed: 3)
    let texts =
      (0..<5000).map { _ in numberText(&random) } + [
        "0", "-0", "9007199254740993", "0.1", "1e22", "1e-22", "123456789012345678901234567890e-20",
      ]
    for text in texts {
      let expected = try #require(Double(text))
      let value = try text.utf8.withContiguousStorageIfAvailable { bytes in
        var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
        return try scanner.number()
      }
      #expect(abs(try #require(value) - expected) <= 2 * expected.ulp, "\(text)")
    }
  }

  @Test("two fields in the same place are refused before the first message")
  func overlappingFields() {
    for (rate, unit) in [("samples", "u"), ("a", "a.b"), ("u.v", "u.v")] {
      let format = PayloadFormat(kind: "json", fields: .init(rate: rate, unit: unit))
      #expect(throws: PayloadFormatError.self) { try PayloadDecoders.decoder(for: format) }
    }
  }
}

/// One to four bytes changed, taken out, doubled or replaced by something that JSON knows.
private func mutated(_ message: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
  let tokens = ["[", "}", "1e999", "\"", "-", "null", ",", "\\u"]
  var bytes = message
  for _ in 0..<Int.random(in: 1...4, using: &random) {
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(bytes[place], at: place)
    default: bytes.insert(contentsOf: Array(tokens[Int.random(in: 0..<tokens.count, using: &random)].utf8), at: place)
    }
  }
  return bytes
}

private func numberText(_ random: inout SplitMix64) -> String {
  let digits = (0..<Int.random(in: 1...25, using: &random)).map { _ in "\(Int.random(in: 0...9, using: &random))" }.joined()
  let whole = String(UInt32.random(in: 0...999, using: &random))
  let exponent = Bool.random(using: &random) ? "e\(Int.random(in: -40...40, using: &random))" : ""
  return (Bool.random(using: &random) ? "-" : "") + whole + "." + digits + exponent
}
