import Signal
import Testing

@testable import Payloads

/// Packs in the forms that RFC 8428 describes.
@Suite("SenML")
struct SenMLTests {
  private func decoder(_ channels: [PayloadFormat.Channel] = [], unit: SignalUnit? = nil, rate: Double? = nil) throws
    -> any PayloadDecoder
  {
    var format = PayloadFormat(kind: "senml", unit: unit, sampleRateHz: rate)
    format.channels = channels
    return try PayloadDecoders.decoder(for: format)
  }

  private func measured(_ pack: String, _ channels: [PayloadFormat.Channel]) throws -> [Measurement] {
    try decoder(channels).decode(Array(pack.utf8), receivedAt: now)
  }

  private static let temperature = PayloadFormat.Channel(name: "temp", measures: .scalar(.temperature, .celsius))
  private static let current = PayloadFormat.Channel(name: "amps", measures: .scalar(.current, .ampere))

  @Test("a waveform is the records of one name: base name, time, unit and value are put in, the rate is that of the times")
  func waveform() throws {
    let pack = """
      [{"bn":"urn:dev:mac:0024befffe804ff1:de","bt":1700000000,"bu":"m/s2","bv":10,"bver":10,"v":0.5,"t":-0.003},
       {"t":-0.002,"v":-1.5},{"t":-0.001,"v":2e-3,"ut":60},{"v":1.25E+2,"u":"m/s2"}]
      """
    let frame = try decoder().frame(Array(pack.utf8), receivedAt: now)
    #expect(frame.samples == [10.5, 8.5, 10.002, 135] && frame.unit == .metrePerSecondSquared && frame.sampleRateHz == 1000)
    #expect(frame.startTime == UnixTime(nanoseconds: 1_699_999_999_997_000_000))
    #expect(frame.sequence == nil && frame.speedRPM == nil && frame.receivedAt == now)
  }

  @Test("a rate is told to six digits from times that doubles hold; the declared one counts where they do not contradict it")
  func rates() throws {
    let pack = { (step: Double, base: Double) in
      let records = (0..<256).map { "{\"n\":\"x\",\"t\":\(base + Double($0) * step),\"v\":\($0)}" }
      return Array("[\(records.joined(separator: ","))]".utf8)
    }
    for base in [0, 1_700_000_000.0] {
      let rate = try decoder(unit: .gravity).frame(pack(1 / 25_600, base), receivedAt: now).sampleRateHz
      #expect(abs(rate - 25_600) < 0.5, "\(rate)")
      #expect(try decoder(unit: .gravity, rate: 25_600).frame(pack(1 / 25_600, base), receivedAt: now).sampleRateHz == 25_600)
      #expect(try decoder(unit: .gravity, rate: 25_000).refusal(pack(1 / 25_600, base))?.kind == "wrongRate")
    }
    #expect(try decoder(unit: .gravity).frame(pack(1 / 24_414.0625, 0), receivedAt: now).sampleRateHz == 24_414.1)
    let timeless = Array(#"[{"bn":"x","v":1},{"v":2},{"v":3}]"#.utf8)
    #expect(try decoder(unit: .gravity, rate: 500).frame(timeless, receivedAt: now).samples == [1, 2, 3])
    #expect(try decoder(unit: .gravity).refusal(timeless)?.kind == "wrongRate")
  }

  @Test("records of several names are channels, found by the whole name or by their own; of a slow value the newest counts")
  func channels() throws {
    let pack = """
      [{"bn":"urn:dev:ow:10e2073a01080063/","bt":1.276020076e+09},
       {"n":"temp","u":"Cel","v":23.1,"t":-5},{"n":"door","vb":true},{"n":"amps","u":"A","v":1.2},
       {"n":"temp","u":"Cel","v":23.6},{"n":"label","vs":"pump \\"7\\""},{"bn":"urn:dev:ow:1:amps","u":"A","v":9}]
      """
    var whole = Self.current
    (whole.name, whole.samples) = ("other", "urn:dev:ow:1:amps")
    let readings = try measured(pack, [Self.current, .init(name: ""), Self.temperature, whole]).map { measurement -> Reading in
      guard case .reading(let reading) = measurement else { throw NoReading() }
      return reading
    }
    #expect(readings.map { Float($0.value) } == [1.2, 23.6, 9])
    #expect(readings.map(\.unit) == [.ampere, .celsius, .ampere])
    #expect(readings.allSatisfy { $0.time == UnixTime(nanoseconds: 1_276_020_076_000_000_000) })
    let partial = try measured(#"[{"n":"temp","v":1}]"#, [Self.current, Self.temperature])
    guard case .unusable(.wrongLength(let reason)) = partial[0] else { throw NoReading() }
    #expect(reason.contains("amps"))
  }

  private struct NoReading: Error {}

  @Test(
    "a time below 2²⁸ counts from the arrival on; none is none",
    arguments: [("-30.5", -30_500_000_000), ("0", nil), ("268435456", nil), ("60", 60_000_000_000)] as [(String, Int64?)])
  func relative(time: String, fromNow: Int64?) throws {
    guard case .reading(let reading) = try measured("[{\"n\":\"temp\",\"v\":1,\"t\":\(time)}]", [Self.temperature])[0] else {
      throw NoReading()
    }
    let expected =
      time == "268435456"
      ? UnixTime(nanoseconds: 268_435_456_000_000_000) : fromNow.map { .init(nanoseconds: now.nanoseconds + $0) }
    #expect(reading.time == expected)
    let block = Array(#"[{"n":"x","v":1,"t":-0.2},{"n":"x","v":2,"t":-0.1}]"#.utf8)
    #expect(try decoder(unit: .gravity).frame(block, receivedAt: now).startTime == nil, "frames without time join on")
  }

  @Test(
    "what is no pack, or says no waveform, is refused with its reason",
    arguments: [
      ("{}", "malformed"), ("[]", "wrongLength"), ("[1]", "malformed"), ("[{}]", "wrongLength"), ("[{\"v\":1}]", "malformed"),
      (#"[{"n":"x","v":1}] "#, "wrongRate"), (#"[{"n":"x","v":1}]1"#, "malformed"), (#"[{"n":"x","vs":"1"}]"#, "malformed"),
      (#"[{"n":"x","v":1,"v":2}]"#, "malformed"), (#"[{"n":"x","v":1e400}]"#, "malformed"),
      (#"[{"n":"x","v":1e39}]"#, "malformed"),
      (#"[{"n":"x","bv":1e308,"v":1.7e308}]"#, "malformed"), (#"[{"n":"x","v":"1"}]"#, "malformed"),
      (#"[{"n":"-x","v":1}]"#, "malformed"), (#"[{"n":"a b","v":1}]"#, "malformed"), (#"[{"n":"\u0061","v":1}]"#, "malformed"),
      (#"[{"n":"x","v":1},{"n":"y","v":1}]"#, "malformed"), (#"[{"n":"x","bver":11,"v":1}]"#, "malformed"),
      (#"[{"n":"x","v":1,"new_":0}]"#, "malformed"), (#"[{"n":"x","s":4}]"#, "malformed"),
      (#"[{"n":"x","v":1,"t":0},{"n":"x","v":2,"t":-1}]"#, "wrongRate"),
      (#"[{"n":"x","v":1,"t":0},{"n":"x","v":2,"t":1},{"n":"x","v":2,"t":3}]"#, "wrongRate"),
      (#"[{"n":"x","u":"g","v":1,"t":0},{"n":"x","u":"mm/s","v":2,"t":1}]"#, "wrongUnit"),
      (#"[{"n":"x","u":"g","v":1,"t":0},{"n":"x","v":2,"t":1}]"#, "wrongUnit"),
      (#"[{"n":"x","u":"kg","v":1,"t":0},{"n":"x","u":"kg","v":2,"t":1}]"#, "wrongUnit"),
      (#"[{"n":"x","u":"g","v":1,"t":9e99},{"n":"x","u":"g","v":2,"t":9e99}]"#, "malformed"), ("", "emptyPayload"),
    ])
  func refused(pack: String, reason: String) throws {
    #expect(try decoder(unit: .millimetrePerSecond).refusal(Array(pack.utf8))?.kind == reason, "\(pack)")
  }

  @Test("a unit that is not the declared one is refused, of a slow value too")
  func units() throws {
    let pack = Array(#"[{"n":"temp","u":"K","v":300}]"#.utf8)
    #expect(try decoder([Self.temperature]).refusal(pack)?.kind == "wrongUnit")
    #expect(throws: PayloadFormatError.self) { try decoder([Self.temperature, Self.temperature]) }
  }

  @Test("in CBOR the same pack is the same: labels are numbers, values of any form; what is cut or not known is refused")
  func binary() throws {
    typealias C = CBORBytes
    let pack = C.array([
      C.record([
        -2: C.text("urn:dev:7:"), -3: C.integer(1700), -4: C.text("m/s2"), -1: C.integer(10), 0: C.text("de"), 6: C.double(-0.5),
        2: C.float(1.5),
      ]),
      C.record([0: C.text("de"), 2: [0xC4, 0x82, 0x20, 0x05], 7: C.integer(3)]),
      [0xBF] + C.integer(0) + C.text("de") + C.integer(2) + C.integer(-4) + C.integer(6) + [0xF9, 0x38, 0x00, 0xFF],
      C.record([0: C.text("label"), 3: C.text("x"), 99: C.array([])]),
    ])
    var format = PayloadFormat(kind: "senml-cbor")
    format.channels = [.init(name: "de")]
    let decoder = try PayloadDecoders.decoder(for: format)
    let frame = try decoder.frame(pack, receivedAt: now)
    #expect(
      frame.samples == [1.5, 0.5, -4] && frame.sampleRateHz == 2 && frame.unit == .metrePerSecondSquared && frame.startTime == nil
    )
    for count in 0..<pack.count { #expect(decoder.refusal(Array(pack.prefix(count))) != nil) }
    let wrong: [[UInt8]] = [
      C.array([C.record([0: C.text("de"), 2: C.integer(1), 2: C.integer(1)])]), C.array([C.map([(C.text("x_"), C.integer(1))])]),
      C.array([C.record([0: C.integer(1), 2: C.integer(1)])]), C.array([C.record([0: C.text("de"), 2: C.text("1")])]),
      C.record([0: C.text("de"), 2: C.integer(1)]), pack + [0],
      C.array([C.record([0: [0x7F, 0x61, 0x61, 0xFF], 2: C.integer(1)])]),
    ]
    for message in wrong { #expect(decoder.refusal(message)?.kind == "malformed", "\(message)") }
  }

  @Test("unknown members are skipped, whatever they hold")
  func unknown() throws {
    let pack = #"[{"n":"x","v":1,"more":{"a":[1,{"b":null}]},"_x":false,"t":0},{"n":"x","t":0.5,"v":2}]"#
    #expect(try decoder(unit: .gravity).frame(Array(pack.utf8), receivedAt: now).sampleRateHz == 2)
  }
}
