import Signal
import Testing

@testable import Payloads

@Suite("Raw blocks")
struct RawBlockTests {
  private func decoder(_ kind: String, scale: Double = 1, header: PayloadFormat.Header = .init()) throws -> any PayloadDecoder {
    try PayloadDecoders.decoder(for: PayloadFormat(kind: kind, unit: .gravity, sampleRateHz: 12000, scale: scale, header: header))
  }

  @Test("f32le comes through bit by bit, not-a-numbers too: the checks of the signal decide about them")
  func floats() throws {
    let samples: [Float] = [0, -0.0, 1.5, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    let frame = try decoder("f32le").frame(bytes(samples.map(\.bitPattern)), receivedAt: now)
    #expect(frame.samples.map(\.bitPattern) == samples.map(\.bitPattern))
    #expect(frame.unit == .gravity && frame.sampleRateHz == 12000 && frame.receivedAt == now)
    #expect(frame.startTime == nil && frame.sequence == nil)
  }

  @Test(
    "integers are scaled as a slow loop over single bytes does it", arguments: [("i16", 2), ("i24", 3), ("i32", 4)],
    [("le", 1.0), ("le", -0.37), ("le", 2.5e-7), ("be", 1), ("be", -0.37)])
  func integers(kind: (name: String, bytes: Int), form: (order: String, scale: Double)) throws {
    var random = SplitMix64(seed: 7)
    let payload = (0..<kind.bytes * 1001).map { _ in UInt8.random(in: 0...255, using: &random) }
    let expected = Self.numbers(payload, kind.bytes, form.order).map { bits in
      let signed = bits >= 1 << (8 * kind.bytes - 1) ? Int(bits) - 1 << (8 * kind.bytes) : Int(bits)
      return Float(Double(signed) * form.scale)
    }
    #expect(try decoder(kind.name + form.order, scale: form.scale).frame(payload, receivedAt: now).samples == expected)
  }

  @Test("floats of either width and order are read as the bits say", arguments: ["f32be", "f64le", "f64be"], [1.0, 9.81])
  func wideFloats(kind: String, scale: Double) throws {
    var random = SplitMix64(seed: 8)
    let width = kind.hasPrefix("f32") ? 4 : 8
    let values = (0..<1001).map { _ in 200 * random.uniform() - 100 } + [0, -0.0, 1e30, -1e30, .infinity, -.infinity]
    let little = width == 4 ? bytes(values.map { Float($0).bitPattern }) : bytes(values.map(\.bitPattern))
    let payload = kind.hasSuffix("le") ? little : Self.reversed(little, width)
    let expected = values.map { Float((width == 4 ? Double(Float($0)) : $0) * scale) }
    #expect(try decoder(kind, scale: scale).frame(payload, receivedAt: now).samples == expected)
    let notANumber = [UInt8](repeating: 0xFF, count: width)
    #expect(try decoder(kind, scale: scale).frame(notANumber, receivedAt: now).samples.first?.isNaN == true)
  }

  @Test("a 64-bit float beyond 32 bits, by itself or once scaled, is refused", arguments: ["f64le", "f64be"])
  func tooLarge(kind: String) throws {
    func refusal(_ value: Double, scale: Double = 1) throws -> PayloadError? {
      let little = bytes([Double(1).bitPattern, value.bitPattern])
      return try decoder(kind, scale: scale).refusal(kind.hasSuffix("le") ? little : Self.reversed(little, 8))
    }
    #expect(try refusal(1e39) == .malformed("sample 1 is too large: 1e+39"))
    #expect(try refusal(-1e300)?.kind == "malformed" && refusal(1e38, scale: 100)?.kind == "malformed")
    #expect(try refusal(3e38) == nil && refusal(1e-300) == nil && refusal(1e40, scale: 0.001) == nil)
  }

  /// Bits of each number, lowest byte first or last.
  private static func numbers(_ payload: [UInt8], _ width: Int, _ order: String) -> [UInt64] {
    stride(from: 0, to: payload.count, by: width).map { start in
      (0..<width).reduce(0) { $0 | UInt64(payload[start + $1]) << (8 * (order == "le" ? $1 : width - 1 - $1)) }
    }
  }

  private static func reversed(_ payload: [UInt8], _ width: Int) -> [UInt8] {
    stride(from: 0, to: payload.count, by: width).flatMap { payload[$0..<$0 + width].reversed() }
  }

  @Test("f32le with a scale is multiplied")
  func scaledFloats() throws {
    let frame = try decoder("f32le", scale: 9.81).frame(bytes([Float(2).bitPattern, Float(-0.5).bitPattern]), receivedAt: now)
    #expect(frame.samples == [Float(19.62), Float(-4.905)])
  }

  @Test("the header gives sequence and time, wherever they stand, and is no sample")
  func header() throws {
    let header = PayloadFormat.Header(bytes: 15, sequenceAt: 1, timeAt: 6)
    let payload: [UInt8] =
      [0xFF] + bytes([UInt32(0xFEDC_BA98)]) + [0xEE] + bytes([Int64(1_700_000_000_000_000_001)]) + [0xDD] + bytes([Int16(-2), 3])
    let frame = try decoder("i16le", header: header).frame(payload, receivedAt: now)
    #expect(frame.sequence == 0xFEDC_BA98)
    #expect(frame.startTime == UnixTime(nanoseconds: 1_700_000_000_000_000_001))
    #expect(frame.samples == [-2, 3])
  }

  @Test("the digest is of the samples alone: another header leaves it, another sample does not")
  func digest() throws {
    let decoder = try decoder("i16le", header: .init(bytes: 4, sequenceAt: 0))
    func digest(_ number: UInt32, _ sample: Int16) throws -> UInt64 {
      try decoder.frame(bytes([number]) + bytes([sample]), receivedAt: now).sampleDigest
    }
    #expect(try digest(1, 5) == digest(2, 5))
    #expect(try digest(1, 5) != digest(1, 6))
  }

  @Test(
    "what is not whole samples is refused, cut at every byte",
    arguments: [
      ("f32le", 4), ("f64le", 8), ("i16le", 2), ("i24le", 3), ("i32le", 4), ("f32be", 4), ("f64be", 8), ("i16be", 2),
      ("i24be", 3),
      ("i32be", 4),
    ])
  func truncation(kind: (name: String, bytes: Int)) throws {
    let header = 12
    let decoder = try decoder(kind.name, header: .init(bytes: header, sequenceAt: 0, timeAt: 4))
    let whole = [UInt8](repeating: 1, count: header + 5 * kind.bytes)
    for count in 0...whole.count {
      let refusal = decoder.refusal(Array(whole.prefix(count)))
      switch count {
      case 0: #expect(refusal == .emptyPayload)
      case _ where count > header && (count - header).isMultiple(of: kind.bytes): #expect(refusal == nil)
      default: #expect(refusal?.kind == "wrongLength", "\(count) bytes: \(String(describing: refusal))")
      }
    }
  }

  @Test("a header that does not hold its fields, a unit or a rate not given: refused before the first message")
  func formats() {
    func key(_ format: PayloadFormat) -> String? {
      do { _ = try PayloadDecoders.decoder(for: format) } catch { return error.key }
      return nil
    }
    #expect(key(PayloadFormat(kind: "f32le", sampleRateHz: 1)) == "unit")
    #expect(key(PayloadFormat(kind: "f32le", unit: .mil)) == "sample_rate_hz")
    #expect(
      key(PayloadFormat(kind: "f32le", unit: .mil, sampleRateHz: 1, header: .init(bytes: 3, sequenceAt: 0))) == "sequence_at")
    #expect(key(PayloadFormat(kind: "f32le", unit: .mil, sampleRateHz: 1, header: .init(bytes: 8, timeAt: -1))) == "time_at")
  }
}

/// Little-endian bytes of each value in turn.
func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
  values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}
