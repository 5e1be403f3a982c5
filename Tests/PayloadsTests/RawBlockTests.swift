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
    let frame = try decoder("f32le").decode(bytes(samples.map(\.bitPattern)), receivedAt: now)
    #expect(frame.samples.map(\.bitPattern) == samples.map(\.bitPattern))
    #expect(frame.unit == .gravity && frame.sampleRateHz == 12000 && frame.receivedAt == now)
    #expect(frame.startTime == nil && frame.sequence == nil)
  }

  @Test(
    "integers are scaled as a slow loop over single bytes does it", arguments: [("i16le", 2), ("i32le", 4)], [1.0, -0.37, 2.5e-7])
  func integers(kind: (name: String, bytes: Int), scale: Double) throws {
    var random = SplitMix64(seed: 7)
    let payload = (0..<kind.bytes * 1001).map { _ in UInt8.random(in: 0...255, using: &random) }
    let expected = stride(from: 0, to: payload.count, by: kind.bytes).map { start in
      let magnitude = (0..<kind.bytes).reduce(0) { $0 | Int(payload[start + $1]) << (8 * $1) }
      let signed = magnitude >= 1 << (8 * kind.bytes - 1) ? magnitude - 1 << (8 * kind.bytes) : magnitude
      return Float(Double(signed) * scale)
    }
    #expect(try decoder(kind.name, scale: scale).decode(payload, receivedAt: now).samples == expected)
  }

  @Test("f32le with a scale is multiplied")
  func scaledFloats() throws {
    let frame = try decoder("f32le", scale: 9.81).decode(bytes([Float(2).bitPattern, Float(-0.5).bitPattern]), receivedAt: now)
    #expect(frame.samples == [Float(19.62), Float(-4.905)])
  }

  @Test("the header gives sequence and time, wherever they stand, and is no sample")
  func header() throws {
    let header = PayloadFormat.Header(bytes: 15, sequenceAt: 1, timeAt: 6)
    let payload: [UInt8] =
      [0xFF] + bytes([UInt32(0xFEDC_BA98)]) + [0xEE] + bytes([Int64(1_700_000_000_000_000_001)]) + [0xDD] + bytes([Int16(-2), 3])
    let frame = try decoder("i16le", header: header).decode(payload, receivedAt: now)
    #expect(frame.sequence == 0xFEDC_BA98)
    #expect(frame.startTime == UnixTime(nanoseconds: 1_700_000_000_000_000_001))
    #expect(frame.samples == [-2, 3])
  }

  @Test("the digest is of the samples alone: another header leaves it, another sample does not")
  func digest() throws {
    let decoder = try decoder("i16le", header: .init(bytes: 4, sequenceAt: 0))
    func digest(_ number: UInt32, _ sample: Int16) throws -> UInt64 {
      try decoder.decode(bytes([number]) + bytes([sample]), receivedAt: now).sampleDigest
    }
    #expect(try digest(1, 5) == digest(2, 5))
    #expect(try digest(1, 5) != digest(1, 6))
  }

  @Test("what is not whole samples is refused, cut at every byte", arguments: [("f32le", 4), ("i16le", 2), ("i32le", 4)])
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
