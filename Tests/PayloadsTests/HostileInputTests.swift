import Signal
import Testing

@testable import Payloads

/// Whoever may publish may send anything: every decoder of THE LIST decodes or refuses it, and never stops the process.
@Suite("Hostile payloads")
struct HostileInputTests {
  static let rounds = 5000

  @Test("whatever the bytes, they are decoded or refused", arguments: PayloadDecoders.kinds)
  func anyBytes(kind: String) throws {
    var random = SplitMix64(seed: 21)
    for header in [
      PayloadFormat.Header(), .init(bytes: 12, sequenceAt: 0, timeAt: 4), .init(bytes: 17, sequenceAt: 13, timeAt: 1),
    ] {
      guard let decoder = try? PayloadDecoders.decoder(for: Self.format(kind, header)) else { continue }
      for _ in 0..<Self.rounds / 3 { check(decoder, Self.bytes(&random), header) }
    }
  }

  @Test("whatever becomes of a message on its way, it is decoded or refused", arguments: PayloadDecoders.kinds)
  func mutants(kind: String) throws {
    let decoder = try PayloadDecoders.decoder(for: Self.format(kind))
    let seed = Seeds.block[kind] ?? Self.floats
    var random = SplitMix64(seed: 22)
    for _ in 0..<Self.rounds { check(decoder, Self.mutant(of: seed, &random), .init()) }
  }

  @Test("whatever comes where several channels are declared, there is one of each or none", arguments: PayloadDecoders.kinds)
  func channels(kind: String) throws {
    var format = PayloadFormat(kind: kind, sampleRateHz: 1000)
    format.channels = [
      .init(name: "x", unit: .gravity), .init(name: ""), .init(name: "t", measures: .scalar(.temperature, .celsius)),
      .init(name: "n", measures: .pulses(perTurn: 1)),
    ]
    let decoder = try PayloadDecoders.decoder(for: format)
    let seed = Seeds.channels[kind] ?? (0..<96).map { [0, 0, 0x80, 0x3F][$0 % 4] }
    #expect(try decoder.decode(seed, receivedAt: now).count == 3)
    var random = SplitMix64(seed: 23)
    for _ in 0..<Self.rounds {
      guard let measured = try? decoder.decode(Self.mutant(of: seed, &random), receivedAt: now) else { continue }
      #expect(measured.count == 3)
      for case .reading(let reading) in measured { #expect(Seeds.block[kind] == nil || reading.value.isFinite) }
    }
  }

  @Test("whatever comes for a slow value, it is a number or refused", arguments: PayloadDecoders.kinds)
  func scalars(kind: String) throws {
    let format = PayloadFormat(kind: kind, scale: 1e9, measures: .scalar(.pressure, .bar))
    let decoder = try PayloadDecoders.decoder(for: format)
    let seed = Seeds.scalar[kind] ?? Array(Self.floats.prefix(8))
    var random = SplitMix64(seed: 24)
    for _ in 0..<Self.rounds {
      guard let measured = try? decoder.decode(Self.mutant(of: seed, &random), receivedAt: now) else { continue }
      guard measured.count == 1, case .reading(let reading) = measured[0] else { return #expect(Bool(false), "\(measured)") }
      #expect(Seeds.block[kind] == nil || reading.value.isFinite)
    }
  }

  private func check(_ decoder: any PayloadDecoder, _ payload: [UInt8], _ header: PayloadFormat.Header) {
    guard let frame = try? decoder.frame(payload, receivedAt: now) else { return }
    #expect(!frame.samples.isEmpty && frame.samples.count <= payload.count && frame.sampleRateHz == 1000)
    #expect((frame.sequence == nil) == (header.sequenceAt == nil))
    #expect(frame.startTime == nil || header.timeAt != nil || decoder is SenML)
  }

  /// Messages of what is no raw block: a waveform, the four channels of `channels`, a slow value.
  private enum Seeds {
    private typealias C = CBORBytes
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    private static let pulses = [0, 5, 0, 5, 0, 5]

    static let block: [String: [UInt8]] = [
      "json": bytes(#"{"samples":[0.5,-1e-3,2,1.25E+2],"more":{"a":[null,true,"\u00e9"]}}"#),
      "cbor": C.object([
        "samples": C.array([C.float(0.5), C.double(-1e-3), C.integer(2), [0xC4, 0x82, 0x20, 0x05]]),
        "more": [0xBF] + C.text("a") + [0x9F, 0xF6, 0x5F, 0x41, 0x01, 0xFF, 0xFF, 0xFF],
      ]),
      "senml": bytes(
        #"[{"bn":"urn:x:","bt":1.7e9,"bu":"g","n":"a","v":0.5,"t":-1e-3},{"n":"a","v":1},{"n":"a","v":2,"t":1e-3,"x":[{}]}]"#),
      "senml-cbor": C.array([
        C.record([
          -2: C.text("urn:x:"), -3: C.integer(1700), -4: C.text("g"), 0: C.text("a"), 2: C.float(0.5), 6: C.double(-1e-3),
        ]),
        C.record([0: C.text("a"), 2: C.integer(1)]),
        C.record([0: C.text("a"), 2: C.integer(2), 6: C.double(1e-3), 40: C.array([])]),
      ]),
    ]
    static let channels: [String: [UInt8]] = [
      "json": bytes(#"{"samples":[[1,2],null,3.5,[0,5,0,5,0,5]],"more":[1]}"#),
      "cbor": C.object([
        "samples": C.array([
          C.tag(85, C.bytes(C.littleFloats([1, 2]))), [0xF6], C.float(3.5), C.array(pulses.map(C.integer)),
        ])
      ]),
      "senml": bytes(
        #"[{"bt":1.7e9,"n":"x","v":1},{"n":"x","v":2},{"n":"t","u":"Cel","v":3.5}"#
          + pulses.map { #",{"n":"n","v":\#($0)}"# }.joined() + "]"),
      "senml-cbor": C.array(
        [
          C.record([-3: C.double(1.7e9), 0: C.text("x"), 2: C.integer(1)]),
          C.record([0: C.text("t"), 1: C.text("Cel"), 2: C.float(3.5)]),
        ]
          + pulses.map { C.record([0: C.text("n"), 2: C.integer($0)]) }),
    ]
    static let scalar: [String: [UInt8]] = [
      "json": bytes("-12.5e3"), "cbor": C.double(-12.5e3),
      "senml": bytes(#"[{"n":"p","u":"bar","v":-12.5e3,"bv":1,"t":-5}]"#),
      "senml-cbor": C.array([
        C.record([0: C.text("p"), 1: C.text("bar"), 2: C.double(-12.5e3), -5: C.integer(1), 6: C.integer(-5)])
      ]),
    ]
  }

  private static func format(_ kind: String, _ header: PayloadFormat.Header = .init()) -> PayloadFormat {
    PayloadFormat(kind: kind, unit: .gravity, sampleRateHz: 1000, scale: -1e9, header: header)
  }

  /// 24 bytes that are whole samples of every raw kind.
  private static let floats = [0x3FF0_0000_0000_0000, 0x47F0_0000_0000_0000, 0x7FF8_0000_0000_0001].flatMap { (bits: UInt64) in
    withUnsafeBytes(of: bits.littleEndian) { Array($0) }
  }

  /// Of 0 to 63 bytes, some of them the extremes of numbers.
  private static func bytes(_ random: inout SplitMix64) -> [UInt8] {
    (0..<random.index(below: 64)).map { _ in
      random.index(below: 3) == 0 ? [0x00, 0x7F, 0x80, 0xFF][random.index(below: 4)] : UInt8(truncatingIfNeeded: random.next())
    }
  }

  /// A message changed, cut, or longer in up to eight places.
  private static func mutant(of message: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = message
    for _ in 0...random.index(below: 8) where !bytes.isEmpty {
      let place = random.index(below: bytes.count)
      switch random.index(below: 5) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes[place] ^= 1 << UInt8(random.index(below: 8))
      case 2: bytes.removeSubrange(place...)
      case 3: bytes.insert(contentsOf: bytes[place...], at: place)
      default: bytes.remove(at: place)
      }
    }
    return bytes
  }
}
