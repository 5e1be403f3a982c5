import Signal
import Testing

@testable import Payloads

@Suite("Mapped CBOR")
struct MappedCBORTests {
  private typealias C = CBORBytes

  private func decoder(_ fields: PayloadFormat.Fields = .init(), scale: Double = 1) throws -> any PayloadDecoder {
    let rate = fields.rate == nil ? 1000.0 : nil
    return try PayloadDecoders.decoder(
      for: PayloadFormat(
        kind: "cbor", unit: fields.unit == nil ? .gravity : nil, sampleRateHz: rate, scale: scale, fields: fields))
  }

  private static let all = PayloadFormat.Fields(
    samples: "d.v", rate: "d.fs", unit: "u", time: "t", timeUnit: .milliseconds, sequence: "n", rpm: "rpm")

  private static let message = C.object([
    "more": C.array([C.bytes([1, 2]), C.object(["x": [0xF6]]), C.tag(1, C.integer(7))]), "u": C.text("m/s2"),
    "t": C.head(0, 0).dropFirst() + [0x1B, 0x00, 0x00, 0x01, 0x8B, 0xCF, 0xE5, 0x68, 0x7B],
    "n": [0x1B] + [UInt8](repeating: 255, count: 8),
    "rpm": C.double(1485.5),
    "d": C.object(["fs": C.integer(25_600), "v": C.array([C.integer(0), C.float(-1.5), C.double(0.002)])]),
  ])

  @Test("every field is found where the configuration says, as in JSON")
  func everyField() throws {
    let frame = try decoder(Self.all).frame(Self.message, receivedAt: now)
    #expect(frame.samples == [0, -1.5, 0.002] && frame.unit == .metrePerSecondSquared && frame.sampleRateHz == 25_600)
    #expect(frame.startTime == UnixTime(nanoseconds: 1_700_000_000_123_000_000) && frame.sequence == .max)
    #expect(frame.speedRPM == 1485.5)
  }

  @Test(
    "numbers of every form have their value",
    arguments: [
      ([0x00], 0), ([0x17], 23), ([0x18, 0x18], 24), ([0x19, 0x03, 0xE8], 1000), ([0x1A, 0x00, 0x0F, 0x42, 0x40], 1_000_000),
      ([0x1B] + [UInt8](repeating: 255, count: 8), 0x1p64), ([0x20], -1), ([0x39, 0x03, 0xE7], -1000),
      ([0xF9, 0x3E, 0x00], 1.5), ([0xF9, 0x7B, 0xFF], 65_504), ([0xF9, 0x00, 0x01], 5.960464477539063e-8),
      ([0xF9, 0xC4, 0x00], -4),
      ([0xFA, 0x47, 0xC3, 0x50, 0x00], 100_000), ([0xFB, 0x3F, 0xF1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A], 1.1),
      ([0xC4, 0x82, 0x21, 0x19, 0x6A, 0xB3], 273.15), ([0xC4, 0x82, 0x03, 0x20], -1000), ([0xD9, 0xD9, 0xF7, 0x05], 5),
    ] as [([UInt8], Double)])
  func numbers(bytes: [UInt8], value: Double) throws {
    let (number, left) = bytes.withUnsafeBytes { buffer in
      var scanner = CBORScanner(buffer)
      return (try? scanner.number(), scanner.left)
    }
    #expect(number == value && left == 0)
  }

  @Test("samples may be a typed array, of either byte order; arrays and maps may have no length")
  func typed() throws {
    let floats: [Float] = [0.5, -1, 3e8]
    for (tag, block) in [
      (85, C.littleFloats(floats)), (81, floats.flatMap { C.float($0).dropFirst() }),
      (82, floats.flatMap { C.double(Double($0)).dropFirst() }),
    ] {
      #expect(try decoder().frame(C.object(["samples": C.tag(tag, C.bytes(block))]), receivedAt: now).samples == floats)
    }
    for (tag, block) in [(73, [0x00, 0x02, 0xFF, 0xFF]), (77, [0x02, 0x00, 0xFF, 0xFF])] as [(Int, [UInt8])] {
      #expect(
        try decoder(scale: 0.5).frame(C.object(["samples": C.tag(tag, C.bytes(block))]), receivedAt: now).samples == [1, -0.5])
    }
    let endless = [0xBF] + C.text("samples") + [0x9F] + C.integer(1) + C.integer(-2) + [0xFF, 0xFF]
    let frame = try decoder().frame(endless, receivedAt: now)
    #expect(
      frame.samples == [1, -2] && frame.sampleDigest == ([0x9F, 0x01, 0x21, 0xFF] as [UInt8]).withUnsafeBytes { Digest64.of($0) })
  }

  @Test("a slow value may be the whole message, and its time an RFC 3339 text with a tag")
  func scalars() throws {
    let format = PayloadFormat(kind: "cbor", measures: .scalar(.temperature, .celsius))
    let bare = try PayloadDecoders.decoder(for: format).decode(C.double(21.5), receivedAt: now)
    guard case .reading(let reading) = bare.first else { throw NoReading() }
    #expect(reading.value == 21.5)
    let time = C.object(["t": C.tag(0, C.text("2023-11-14T22:13:20.5Z")), "samples": C.array([C.integer(1)])])
    #expect(
      try decoder(.init(time: "t")).frame(time, receivedAt: now).startTime == UnixTime(nanoseconds: 1_700_000_000_500_000_000))
  }

  private struct NoReading: Error {}

  @Test(
    "what is not well-formed, or no waveform, is refused",
    arguments: [
      [], [0xA0], [0xFF], [0x1F], [0x5F, 0x41], [0x9F], [0xA1, 0x61], [0xC4], [0xF8],
      C.object(["samples": C.array([C.text("1")])]), C.object(["samples": C.array([])]), C.object(["samples": C.integer(1)]),
      C.object(["samples": C.array([[0xF9, 0x7C, 0x00]])]), C.object(["samples": C.array([C.double(1e39)])]),
      C.object(["samples": C.array([[0xC4, 0x82, 0x19, 0x01, 0x91, 0x01]])]),
      C.object(["samples": C.array([[0xC4, 0x81, 0x01]])]),
      C.object(["samples": C.tag(85, C.bytes([1, 2, 3]))]), C.object(["samples": C.bytes([0, 0, 0, 0])]),
      C.object(["samples": C.tag(85, C.bytes([0, 0, 0x80, 0x7F]))]), C.object(["samples": C.array([C.integer(1)])]) + [0x00],
      C.object(["samples": C.array([C.integer(1)]), "samples": C.array([C.integer(1)])]),
      C.text("samples") + C.object(["samples": C.array([C.integer(1)])]),
      [0xBF] + C.text("samples") + [0xFF], [0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      C.object(["samples": [0x9B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]]),
      C.object(["samples": C.tag(85, [0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])]),
    ] as [[UInt8]])
  func refused(message: [UInt8]) throws { #expect(try decoder().refusal(message) != nil) }

  @Test("nesting is followed to a limit, cuts anywhere are refused")
  func hostile() throws {
    let deep = { (depth: Int) in
      C.object(["x": [UInt8](repeating: 0x81, count: depth) + [0x00], "samples": C.array([C.integer(1)])])
    }
    #expect(
      try decoder().refusal(deep(10)) == nil && decoder().refusal(deep(17)) != nil && decoder().refusal(deep(60_000)) != nil)
    for count in 0..<Self.message.count { #expect(try decoder(Self.all).refusal(Array(Self.message.prefix(count))) != nil) }
  }

  @Test("an array for each channel lies in one array, typed or not")
  func channels() throws {
    var format = PayloadFormat(kind: "cbor", sampleRateHz: 100)
    format.channels = [.init(name: "x", unit: .gravity), .init(name: ""), .init(name: "y", unit: .gravity, scale: 2)]
    let message = C.object(["samples": C.array([C.tag(85, C.bytes(C.littleFloats([1, 2]))), [0xF6], C.array([C.integer(3)])])])
    let frames = try PayloadDecoders.decoder(for: format).decode(message, receivedAt: now).map { measurement -> Frame in
      guard case .waveform(let frame) = measurement else { throw NoReading() }
      return frame
    }
    #expect(frames.map(\.samples) == [[1, 2], [6]])
  }
}
