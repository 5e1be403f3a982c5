import Signal

@testable import Anomaly

/// Frames of noise, all different.
struct FrameMaker {
  var samples = 256
  var rate = 2560.0
  var unit = SignalUnit.gravity
  private var random = SplitMix64(seed: 7)

  init(samples: Int = 256, rate: Double = 2560) { (self.samples, self.rate) = (samples, rate) }

  mutating func frame(sequence: UInt64? = nil, at seconds: Double? = nil, receivedAt: Double = 1e6) -> Frame {
    let values = (0..<samples).map { _ in Float(random.uniform() - 0.5) }
    return Self.frame(values, rate: rate, unit: unit, sequence: sequence, at: seconds, receivedAt: receivedAt)
  }

  static func frame(
    _ values: [Float], rate: Double, unit: SignalUnit = .gravity, sequence: UInt64? = nil, at seconds: Double? = nil,
    receivedAt: Double = 1e6
  ) -> Frame {
    Frame(
      samples: values, unit: unit, sampleRateHz: rate, startTime: seconds.map { UnixTime(seconds: $0) }, sequence: sequence,
      receivedAt: UnixTime(seconds: receivedAt), sampleDigest: values.withUnsafeBytes { Digest64.of($0) })
  }
}

/// A point with the ledger that all its outcomes add up to.
struct Bench {
  let settings: PointSettings
  private(set) var pipeline: PointPipeline
  private(set) var ledger = Ledger()
  private(set) var last: PointOutcome
  private(set) var sequences = SequenceRanges()

  init(_ settings: PointSettings = .small) {
    self.settings = settings
    pipeline = PointPipeline(point: Bench.point, settings: settings, analyzers: Analyzers())
    last = pipeline.begin()
  }

  static let point = PointID(machine: "pump", point: "drive-end")

  mutating func take(_ frame: Frame) { run { $0.take(frame, arrival: 0, into: &$1) } }

  mutating func run(_ body: (PointPipeline, inout PointOutcome) -> Void) {
    last = pipeline.begin()
    body(pipeline, &last)
    ledger += last.ledger
    sequences = last.sequences ?? sequences
  }

  /// The process ends and begins again with what was committed.
  mutating func restart(baseline: [BaselineWindow] = [], model: [UInt8]? = nil) {
    let restored = RestoredPoint(state: last.state, sequences: sequences, baseline: baseline, model: model)
    pipeline = PointPipeline(point: Bench.point, settings: settings, restored: restored, analyzers: Analyzers())
    run { $0.resume(into: &$1) }
  }
}

extension PointSettings {
  /// Windows of 256 samples, half overlapping; nothing is learned.
  static var small: PointSettings {
    var settings = PointSettings()
    settings.windowSamples = 256
    settings.baselineWindows = 0
    return settings
  }
}
