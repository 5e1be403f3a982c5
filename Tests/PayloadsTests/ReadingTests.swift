import Signal
import Testing

@testable import Payloads

@Suite("Slow values and tacho channels")
struct ReadingTests {
  private static let temperature = PayloadFormat.Measures.scalar(.temperature, .celsius)

  private func measured(_ format: PayloadFormat, _ payload: [UInt8]) throws -> [Measurement] {
    try PayloadDecoders.decoder(for: format).decode(payload, receivedAt: now)
  }

  private func readings(_ format: PayloadFormat, _ payload: [UInt8]) throws -> [Reading] {
    try measured(format, payload).compactMap { if case .reading(let reading) = $0 { reading } else { nil } }
  }

  @Test("a scalar needs no rate; a block of raw samples is its mean, scaled", arguments: [[21.5], [20, 23]] as [[Float]])
  func raw(values: [Float]) throws {
    let format = PayloadFormat(kind: "f32le", scale: 2, measures: Self.temperature)
    let reading = try #require(try readings(format, bytes(values.map(\.bitPattern))).first)
    #expect(reading == Reading(value: 43, unit: .celsius, quantity: .temperature, receivedAt: now))
  }

  @Test("in JSON it is a number in its place, or the whole message")
  func json() throws {
    var format = PayloadFormat(
      kind: "json", fields: .init(samples: "t.bearing", time: "at", sequence: "n"), measures: Self.temperature)
    let told = try readings(format, Array(#"{"at":7,"n":3,"t":{"bearing":-4.25}}"#.utf8))
    #expect(told.map(\.value) == [-4.25] && told.map(\.sequence) == [3] && told.map(\.time) == [UnixTime(seconds: 7)])
    format.fields = .init()
    #expect(try readings(format, Array(" 23.5\n".utf8)).map(\.value) == [23.5])
    #expect(try readings(format, Array(#"{"samples":23.5}"#.utf8)).map(\.value) == [23.5])
    for text in ["warm", "\"23\"", "23,5", "NaN", "1 2", "true", "[]", "1e999"] {
      #expect(throws: PayloadError.self, "\(text)") { try readings(format, Array(text.utf8)) }
    }
  }

  @Test("several scalars of a machine in one message")
  func several() throws {
    var format = PayloadFormat(kind: "json")
    format.channels = [
      .init(name: "temp", measures: Self.temperature, samples: "t"),
      .init(name: "amps", measures: .scalar(.current, .ampere), scale: 0.001, samples: "i"),
    ]
    let told = try readings(format, Array(#"{"t":40,"i":12500,"other":[1]}"#.utf8))
    #expect(told.map(\.value) == [40, 12.5] && told.map(\.quantity) == [.temperature, .current])
  }

  @Test("a tacho's channel is a speed at the middle of the block, beside the waveform")
  func tacho() throws {
    var format = PayloadFormat(kind: "i16le", sampleRateHz: 1000, header: .init(bytes: 8, timeAt: 0))
    format.channels = [
      .init(name: "de", unit: .gravity, scale: 0.5), .init(name: "tacho", measures: .pulses(perTurn: 2)),
    ]
    // A pulse every 20 ms: 50 Hz, 25 turns a second.
    let samples = (0..<1000).flatMap { turn -> [Int16] in [2, turn % 20 < 5 ? 1000 : 0] }
    let told = try measured(format, bytes([Int64(1_000_000_000)]) + bytes(samples))
    guard case .waveform(let frame) = told[0], case .reading(let speed) = told[1] else { return #expect(Bool(false), "\(told)") }
    #expect(frame.samples == [Float](repeating: 1, count: 1000))
    #expect(abs(speed.value - 1500) < 1 && speed.unit == .perMinute && speed.time == UnixTime(seconds: 1.5))
    let still = try measured(format, bytes([Int64(0)]) + bytes([Int16](repeating: 7, count: 2000)))
    guard case .waveform = still[0], case .unusable(let error) = still[1] else { return #expect(Bool(false), "\(still)") }
    #expect(error.name == "no_pulses")
  }

  @Test("the waveforms of a JSON message beside scalars still need their unit and rate")
  func mixed() {
    var format = PayloadFormat(kind: "json")
    format.channels = [.init(name: "t", measures: Self.temperature, samples: "t"), .init(name: "x", samples: "x")]
    #expect(throws: PayloadFormatError.self) { try PayloadDecoders.decoder(for: format) }
    format.channels[1].unit = .gravity
    #expect(throws: PayloadFormatError.self) { try PayloadDecoders.decoder(for: format) }
    format.sampleRateHz = 100
    #expect(throws: Never.self) { try PayloadDecoders.decoder(for: format) }
  }
}
