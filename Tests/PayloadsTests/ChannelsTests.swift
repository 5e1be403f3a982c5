import Signal
import Testing

@testable import Payloads

@Suite("Several channels in a message")
struct ChannelsTests {
  private static let names = ["drive-end", "", "fan-end"]

  private func format(_ kind: String, fields: PayloadFormat.Fields = .init()) -> PayloadFormat {
    var format = PayloadFormat(kind: kind, sampleRateHz: 1000, fields: fields)
    format.channels = Self.names.map { .init(name: $0, unit: .gravity, scale: $0 == "fan-end" ? 0.5 : 1) }
    return format
  }

  private func frames(_ format: PayloadFormat, _ payload: [UInt8]) throws -> [Frame] {
    try PayloadDecoders.decoder(for: format).decode(payload, receivedAt: now).map { measurement in
      guard case .waveform(let frame) = measurement else { throw Unexpected() }
      return frame
    }
  }

  private struct Unexpected: Error {}

  @Test("each channel of a block is what it would be alone", arguments: ["i16le", "i24be", "i32le", "f32le", "f32be"])
  func interleaved(kind: String) throws {
    let width = kind.contains("16") ? 2 : kind.contains("24") ? 3 : 4
    var random = SplitMix64(seed: 5)
    let payload = (0..<width * 3 * 77).map { _ in UInt8(random.index(below: 64)) }
    let frames = try frames(format(kind), payload)
    #expect(frames.count == 2)
    for (frame, channel) in zip(frames, [0, 2]) {
      var own: [UInt8] = []
      for turn in 0..<77 {
        let start = (turn * 3 + channel) * width
        own += payload[start..<start + width]
      }
      let scale = channel == 2 ? 0.5 : 1
      let alone = PayloadFormat(kind: kind, unit: .gravity, sampleRateHz: 1000, scale: scale)
      let expected = try PayloadDecoders.decoder(for: alone).frame(own, receivedAt: now)
      #expect(frame.samples == expected.samples && frame.sampleDigest == expected.sampleDigest)
    }
  }

  @Test("header fields are every channel's; samples that do not go round are refused", arguments: 0...24)
  func whole(bytes count: Int) throws {
    var format = format("i16le")
    format.header = .init(bytes: 4, sequenceAt: 0)
    let decoder = try PayloadDecoders.decoder(for: format)
    let payload = [UInt8](repeating: 3, count: count)
    switch count {
    case 0: #expect(decoder.refusal(payload) == .emptyPayload)
    case 10, 16, 22: #expect(try frames(format, payload).allSatisfy { $0.sequence == 0x0303_0303 })
    default: #expect(decoder.refusal(payload)?.kind == "wrongLength")
    }
  }

  @Test("in JSON there is an array for each channel, in one array or wherever the channel says")
  func json() throws {
    let text = #"{"t":2,"samples":[[1,2],["not read"],[4,6]],"x":{"a":[7],"b":[8]}}"#
    let together = try frames(format("json", fields: .init(time: "t")), Array(text.utf8))
    #expect(together.map(\.samples) == [[1, 2], [2, 3]])
    #expect(together.allSatisfy { $0.startTime == UnixTime(seconds: 2) })
    var apart = format("json")
    apart.channels = [.init(name: "a", unit: .gravity, samples: "x.a"), .init(name: "b", unit: .mil, samples: "x.b")]
    let frames = try frames(apart, Array(text.utf8))
    #expect(frames.map(\.samples) == [[7], [8]] && frames.map(\.unit) == [.gravity, .mil])
  }

  @Test(
    "a message whose channels are not the declared ones is refused whole",
    arguments: [
      (#"{"samples":[[1],[2]]}"#, "wrongLength"), (#"{"samples":[[1],[2],[3],[4]]}"#, "wrongLength"),
      (#"{"samples":[[1],[2],[]]}"#, "wrongLength"), (#"{"samples":[1,2,3]}"#, "malformed"),
      (#"{"samples":[[1],[2],[3]"#, "malformed"), (#"{"samples":[[1],[2],["a"]]}"#, "malformed"), (#"{}"#, "malformed"),
    ])
  func refused(text: String, kind: String) throws {
    #expect(try PayloadDecoders.decoder(for: format("json")).refusal(Array(text.utf8))?.kind == kind)
  }

  @Test("a place for one channel and none for another is refused before the first message")
  func halfPlaced() {
    var format = format("json")
    format.channels[0].samples = "a"
    #expect(throws: PayloadFormatError.self) { try PayloadDecoders.decoder(for: format) }
  }
}
