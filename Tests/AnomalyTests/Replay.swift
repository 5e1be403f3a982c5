import Foundation
import Recordings
import Signal
import TestSupport

@testable import Anomaly

/// Recordings played to a fresh point, learned from as soon as its baseline is complete.
struct Replay {
  let pipeline: PointPipeline
  var outcome: PointOutcome
  /// After each frame: the score of its last window and the debounced verdict.
  private(set) var scores: [Double] = []
  private(set) var verdicts: [Verdict] = []
  private var sequence: UInt64 = 0
  private var clock = UnixTime(seconds: 1_700_000_000)

  init(_ name: String, _ settings: PointSettings) {
    pipeline = PointPipeline(point: PointID(machine: "rig", point: name), settings: settings, analyzers: Analyzers())
    outcome = pipeline.begin()
  }

  /// Publishes a recording in frames; the next one follows after a pause of a second.
  /// - Parameter isLost: whether the frame of this number never arrives.
  mutating func play(
    _ samples: [Float], unit: SignalUnit, rate: Double, frameSamples: Int, rpm: Double? = nil,
    isLost: (UInt64) -> Bool = { _ in false }
  ) {
    for start in stride(from: 0, to: samples.count - frameSamples + 1, by: frameSamples) {
      let part = Array(samples[start..<start + frameSamples])
      let frame = Frame(
        samples: part, unit: unit, sampleRateHz: rate, startTime: clock, sequence: sequence, speedRPM: rpm, receivedAt: clock,
        sampleDigest: part.withUnsafeBytes { Digest64.of($0) })
      if !isLost(sequence) { take(frame) }
      sequence += 1
      clock = clock.advanced(bySeconds: frame.durationSeconds)
    }
    clock = clock.advanced(bySeconds: 1)
  }

  private mutating func take(_ frame: Frame) {
    pipeline.take(frame, arrival: 0, into: &outcome)
    if let job = pipeline.takeTraining() { pipeline.install(job.run(), at: clock, into: &outcome) }
    if let score = outcome.state.score { scores.append(score) }
    verdicts.append(outcome.state.verdict)
  }

  /// Forgets what was seen, not what was learned.
  mutating func mark() {
    scores = []
    verdicts = []
  }

  var worst: Verdict { verdicts.max() ?? .abstain(.noData) }
}

/// Real recordings, where they are at hand.
enum RecordedData {
  /// CWRU and PRONOSTIA: $THRUM_DATA, or ../shared/data beside the package.
  static let development = ProcessInfo.processInfo.environment["THRUM_DATA"] ?? "\(repositoryRoot)/../shared/data"

  /// MFPT, as `scripts/recordings` leaves it.
  static var downloaded: String {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
    return "\(cache)/thrum/recordings"
  }

  /// `nil`, and a line that says so, when the folder is not there.
  static func manifest(in folder: String) -> Manifest? {
    do { return try Manifest(reading: "\(folder)/manifest.csv") } catch {
      print("skipped: no recordings in \(folder) (\(error.reason))")
      return nil
    }
  }
}

extension BearingMultiples {
  init(_ lines: Manifest.Lines) { self.init(bpfo: lines.bpfo, bpfi: lines.bpfi, bsf: lines.bsf, ftf: lines.ftf) }
}
