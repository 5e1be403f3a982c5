import Signal
import Testing

@testable import Payloads

@Suite("Payload decoders")
struct PayloadDecodersTests {
  @Test("every kind of THE LIST is there once and finds its decoder", arguments: PayloadDecoders.kinds)
  func kinds(kind: String) throws {
    #expect(PayloadDecoders.kinds.filter { $0 == kind }.count == 1)
    let format = PayloadFormat(kind: kind, unit: .gravity, sampleRateHz: 1000)
    #expect(type(of: try PayloadDecoders.decoder(for: format)).kinds.contains(kind))
  }

  @Test("an unknown kind is refused with those that are known")
  func unknown() {
    let error = #expect(throws: PayloadFormatError.self) { try PayloadDecoders.decoder(for: PayloadFormat(kind: "f33le")) }
    #expect(
      error?.description
        == "payload: expected one of f32le, f64le, i16le, i24le, i32le, f32be, f64be, i16be, i24be, i32be, json, cbor, senml, senml-cbor, got f33le"
    )
  }
}

let now = UnixTime(nanoseconds: 1_700_000_000_123_456_789)

extension PayloadDecoder {
  /// The waveform of a message that holds nothing else.
  func frame(_ payload: [UInt8], receivedAt: UnixTime) throws -> Frame {
    let measured = try decode(payload, receivedAt: receivedAt)
    guard measured.count == 1, case .waveform(let frame) = measured[0] else { throw NoFrame() }
    return frame
  }

  /// The reason why not, as quarantine will call it; `nil` when it decodes.
  func refusal(_ payload: [UInt8]) -> PayloadError? {
    do { _ = try decode(payload, receivedAt: now) } catch { return error }
    return nil
  }
}

private struct NoFrame: Error {}

extension PayloadError {
  /// The case without its text.
  var kind: String {
    switch self {
    case .emptyPayload: "emptyPayload"
    case .wrongLength: "wrongLength"
    case .malformed: "malformed"
    case .wrongUnit: "wrongUnit"
    case .wrongRate: "wrongRate"
    case .noPulses: "noPulses"
    }
  }
}
