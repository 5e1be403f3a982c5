import Foundation
import TestSupport
import Testing

@testable import Recordings

private let python = "\(repositoryRoot)/.venv/bin/python"

/// What is written here is read by programs of others (`scripts/golden/recordings_judge.py`); only where they are installed.
@Suite(
  "Written recordings, read by SciPy and pyuff",
  .enabled(if: (try? run([python, "-c", "import pyuff, scipy"])) != nil))
struct RecordingJudgeTests {
  @Test("they find the same samples, rate, unit and name", arguments: [1, 4, 5, 4096], [25_600, 6_666.25])
  func readAlike(count: Int, rateHz: Double) throws {
    var noise = SystemRandomNumberGenerator()
    let samples = (0..<count).map { _ in Float.random(in: -1e6...1e6, using: &noise) * Float.random(in: 1e-30...1, using: &noise)
    }
    let facts = RecordingFacts(
      sampleRateHz: rateHz, unit: "m/s2", name: "pump-7/drive-end", time: "2026-01-02T03:04:05.678Z", remarks: "kept for: alarm")
    let folder = try TemporaryFolder()
    func write(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: folder.path(name))) }
    for (name, format) in [("samples.f32", RecordingFormat.f32), ("a.wav", .wav), ("a.uff58", .uff58)] {
      try write(WrittenRecording(samples, as: format, facts).bytes, name)
    }
    try folder.write("{\"rate_hz\":\(rateHz),\"unit\":\"m/s2\",\"name\":\"pump-7/drive-end\"}", to: "facts.json")
    try run([python, "\(repositoryRoot)/scripts/golden/recordings_judge.py", folder.path])
  }
}
