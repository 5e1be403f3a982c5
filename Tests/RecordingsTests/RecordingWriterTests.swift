import Foundation
import TestSupport
import Testing

@testable import Recordings

@Suite("Written recordings")
struct RecordingWriterTests {
  private let samples: [Float] = [0, 1.5, -2.25, 1e-7, .leastNonzeroMagnitude, 123_456.789]

  private func readBack(_ samples: [Float], _ format: RecordingFormat) throws -> Recording {
    let written = try #require(WrittenRecording(samples, as: format, sampleRateHz: 25_600, heading: "g"))
    let folder = try TemporaryFolder()
    try Data(written.bytes).write(to: URL(fileURLWithPath: folder.path("file")))
    return try Recording(reading: folder.path("file"), as: format, scale: written.scale)
  }

  @Test("what is written in floats is read back bit by bit", arguments: [RecordingFormat.f32, .wav, .csv])
  func floats(format: RecordingFormat) throws {
    let recording = try readBack(samples, format)
    #expect(recording.samples == samples)
    #expect(recording.sampleRateHz == (format == .wav ? 25_600 : nil))
  }

  @Test("whole numbers come back within half a step, and use all of their range")
  func integers() throws {
    let back = try readBack([0, 0.5, -1, 0.333], .i16).samples
    for (value, original) in zip(back, [0, 0.5, -1, 0.333]) { #expect(abs(Double(value) - original) <= 0.5 / 32_767 + 1e-7) }
    #expect(try readBack([0, 0], .i16).samples == [0, 0])
  }

  @Test("a universal file is only read")
  func readOnly() { #expect(WrittenRecording([1], as: .uff58, sampleRateHz: 1, heading: "") == nil) }
}
