import Signal
import Synchronization

/// Recordings played to one point through the pipeline of the daemon, a hop at a time.
struct EvaluationReplay {
  /// What stood after one window.
  struct Seen {
    /// Debounced.
    var verdict: Verdict
    /// Before debouncing.
    var said: Verdict
    var probability: Double?

    var isAlarm: Bool { said.priority != nil }
    var isUndecided: Bool { said.reason != nil }
  }

  /// What was said of the window at hand.
  private final class LastWindow: WindowTap {
    private let verdict = Mutex(Verdict.abstain(.noData))
    var said: Verdict { verdict.withLock { $0 } }
    func take(_ window: SeenWindow, samples _: () -> [Float]) { verdict.withLock { $0 = window.verdict } }
  }

  private let last = LastWindow()
  private let pipeline: PointPipeline
  private let hopSamples: Int
  private(set) var outcome: PointOutcome
  private(set) var seen: [Seen] = []
  private(set) var model: PointModel?
  private var clock = UnixTime(seconds: 1_700_000_000)
  private var sequence: UInt64 = 0

  /// - Parameter model: learned before; without, the point learns from as many windows as `settings` says.
  init(_ settings: PointSettings, model: PointModel? = nil, analyzers: Analyzers) {
    let restored = model.map { RestoredPoint(state: PointState(), model: $0.encoded()) }
    // The name is the seed of what is learned: the same for every recording.
    let point = PointID(machine: "evaluation", point: "point")
    pipeline = PointPipeline(point: point, settings: settings, restored: restored, analyzers: analyzers)
    hopSamples = settings.hopSamples
    pipeline.tap = last
    outcome = pipeline.begin()
  }

  mutating func play(_ stretch: RecordedStretch) {
    for samples in stretch.snapshots { play(samples, of: stretch) }
  }

  /// What follows does not join: it comes at the recording's interval, else after a pause of a second.
  mutating func play(_ samples: [Float], of stretch: RecordedStretch) {
    let start = clock
    for start in stride(from: 0, through: samples.count - hopSamples, by: hopSamples) {
      take(frame(Array(samples[start..<start + hopSamples]), stretch))
    }
    let next = clock.advanced(bySeconds: 1)
    clock = max(next, start.advanced(bySeconds: stretch.intervalSeconds ?? 0))
  }

  private mutating func frame(_ samples: [Float], _ stretch: RecordedStretch) -> Frame {
    let frame = Frame(
      samples: samples, unit: stretch.unit, sampleRateHz: stretch.sampleRateHz, startTime: clock, sequence: sequence,
      speedRPM: stretch.speedRPM, receivedAt: clock, sampleDigest: samples.withUnsafeBytes { Digest64.of($0) })
    sequence += 1
    clock = clock.advanced(bySeconds: frame.durationSeconds)
    return frame
  }

  private mutating func take(_ frame: Frame) {
    let before = outcome.ledger.analysed
    pipeline.take(frame, arrival: 0, into: &outcome)
    if let job = pipeline.takeTraining() {
      let learned = job.run()
      pipeline.install(learned, at: clock, into: &outcome)
      model = learned
    }
    guard outcome.ledger.analysed > before else { return }
    let state = outcome.state
    seen.append(Seen(verdict: state.verdict, said: last.said, probability: state.probability))
  }
}
