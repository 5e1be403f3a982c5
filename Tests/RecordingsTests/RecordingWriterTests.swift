import Foundation
import TestSupport
import Testing

@testable import Recordings

@Suite("Written recordings")
struct RecordingWriterTests {
  private let samples: [Float] = [0, 1.5, -2.25, 1e-7, .leastNonzeroMagnitude, 123_456.789]

  private let facts = RecordingFacts(
    sampleRateHz: 25_600, unit: "m/s2", name: "pump-7/drive-end", time: "2026-01-02T03:04:05.678Z", remarks: "kept for: alarm")

  private func readBack(_ samples: [Float], _ format: RecordingFormat) throws -> Recording {
    let written = WrittenRecording(samples, as: format, facts)
    let folder = try TemporaryFolder()
    try Data(written.bytes).write(to: URL(fileURLWithPath: folder.path("file")))
    return try Recording(reading: folder.path("file"), as: format, scale: written.scale)
  }

  @Test("what is written in floats is read back bit by bit", arguments: [RecordingFormat.f32, .wav, .csv, .uff58])
  func floats(format: RecordingFormat) throws {
    let recording = try readBack(samples, format)
    #expect(recording.samples == samples)
    #expect(recording.sampleRateHz == ([.wav, .uff58].contains(format) ? 25_600 : nil))
  }

  @Test("whole numbers come back within half a step, and use all of their range")
  func integers() throws {
    let back = try readBack([0, 0.5, -1, 0.333], .i16).samples
    for (value, original) in zip(back, [0, 0.5, -1, 0.333]) { #expect(abs(Double(value) - original) <= 0.5 / 32_767 + 1e-7) }
    #expect(try readBack([0, 0], .i16).samples == [0, 0])
  }

  @Test("a rate that six digits do not hold comes back from a universal file to a two-millionth")
  func rates() throws {
    for rate in [12_000, 44_100, 6_666.667, 51_200.5] {
      let written = WrittenRecording([1, 2], as: .uff58, RecordingFacts(sampleRateHz: rate, unit: "g", name: "a/b"))
      let back = try #require(try Recording.decoded(written.bytes, as: .uff58, 1, 1).sampleRateHz)
      #expect(abs(back / rate - 1) < 5e-7, "\(rate): \(back)")
    }
  }

  @Test("a WAV and a universal file say what their numbers are", arguments: [RecordingFormat.wav, .uff58])
  func meaning(format: RecordingFormat) {
    let text = String(decoding: WrittenRecording([1, 2, 3], as: format, facts).bytes, as: UTF8.self)
    for part in [
      "pump-7/drive-end", "1 in the file is 1 m/s2", "25600.0 samples a second", "2026-01-02T03:04:05.678Z", "kept for: alarm",
    ] { #expect(text.contains(part), "\(part)") }
  }

  @Test("a name that would end a record, or holds what ASCII lacks, ends nothing")
  func names() throws {
    var facts = facts
    (facts.name, facts.remarks) = ("pumpe\n    -1\n    58/\u{1F600}", String(repeating: "x", count: 300))
    for format in [RecordingFormat.wav, .uff58] {
      #expect(try Recording.decoded(WrittenRecording(samples, as: format, facts).bytes, as: format, 1, 1).samples == samples)
    }
  }
}
