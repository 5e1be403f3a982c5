import Glibc
import Signal
import Testing

@testable import Anomaly

@Suite("Signals that are not the machine's")
struct ForeignSignalTests {
  private static var settings: PointSettings {
    var settings = PointSettings.small
    settings.baselineWindows = 60
    return settings
  }

  /// A learned point, its machine being noise of level 1.
  private static func learned(_ settings: PointSettings = settings) throws -> (Bench, SplitMix64) {
    var (bench, random) = (Bench(settings), SplitMix64(seed: 8))
    for number in 0..<60 where bench.last.state.baseline.phase != .ready {
      bench.take(frame(number, &random) { _, noise in noise })
      if let job = bench.pipeline.takeTraining() {
        bench.run { $0.install(job.run(), at: UnixTime(seconds: 1), into: &$1) }
      }
    }
    try #require(bench.last.state.baseline.phase == .ready)
    return (bench, random)
  }

  private static func frame(
    _ number: Int, _ random: inout SplitMix64, _ sample: (_ index: Int, _ noise: Double) -> Double
  ) -> Frame {
    let values = (0..<256).map { Float(sample(number * 256 + $0, random.gaussian())) }
    return FrameMaker.frame(values, rate: 2560, sequence: UInt64(number), at: 0.1 * Double(number))
  }

  @Test("what has lost its energy is another signal: it abstains and says so, and no score is told")
  func foreign() throws {
    let signals: [(String, (Int, Double) -> Double)] = [
      ("an input without a sensor", { _, noise in 1e-3 * noise }),
      ("another machine: a tone and little else", { index, noise in sin(0.2 * Double(index)) + 0.05 * noise }),
    ]
    for (name, signal) in signals {
      var (bench, random) = try Self.learned()
      for number in 100..<140 { bench.take(Self.frame(number, &random, signal)) }
      #expect(bench.last.state.verdict == .abstain(.outOfDistribution), "\(name)")
      #expect(bench.last.state.score == nil)
    }
  }

  @Test("that no zone objects does not make a foreign signal normal; a zone that does is heard")
  func zones() throws {
    var settings = Self.settings
    settings.severity = SeverityLimits(ab: 1e6, bc: 2e6, cd: 3e6)
    var (bench, random) = try Self.learned(settings)
    for number in 100..<140 { bench.take(Self.frame(number, &random) { _, noise in 1e-3 * noise }) }
    #expect(bench.last.state.zone == .a && bench.last.state.verdict == .abstain(.outOfDistribution))
    settings.severity = SeverityLimits(ab: 1e-6, bc: 2e-6, cd: 3e-6)
    settings.baselineWindows = 0
    bench = Bench(settings)
    for number in 100..<140 { bench.take(Self.frame(number, &random) { _, noise in 1e-3 * noise }) }
    #expect(bench.last.state.verdict == .alarm)
  }

  @Test("where one detector alone is far beyond its own limit nothing is decided, once windows enough say so")
  func disputed() throws {
    var (bench, random) = try Self.learned()
    let names = Analyzers.featureNames
    var windows = FeatureTable(features: names.count)
    for _ in 0..<60 { windows.append(names.map { _ in Float(random.gaussian()) }) }
    let shape = ModelShape(windowSamples: 256, sampleRateHz: 2560, unit: .gravity, featureNames: names)
    let job = TrainingJob(point: Bench.point, shape: shape, windows: windows, overlappingNeighbours: 1)
    let model = job.runAsOne()
    let calibration = Calibration(
      references: [1, 1, 1], margin: 1e30, ownLimits: [.greatestFiniteMagnitude, .greatestFiniteMagnitude, 1e-3],
      heldBackWindows: 40)
    let disputing = Model(
      shape: model.shape, standardizer: model.standardizer, detectors: model.detectors, calibration: calibration)
    bench.run { $0.install(PointModel(disputing), at: UnixTime(seconds: 9), into: &$1) }
    var stood: [Verdict] = []
    var kept: [WaveformSnapshot.Cause] = []
    for number in 100..<110 {
      bench.take(Self.frame(number, &random) { _, noise in noise })
      stood.append(bench.last.state.verdict)
      kept += bench.last.waveforms.map(\.cause)
    }
    #expect(stood.first == .abstain(.unconfirmed) && stood.last == .abstain(.detectorsDisagree), "\(stood)")
    #expect(kept == [.abstained], "whoever reviews it finds its waveform")
  }

  @Test("a point that begins with a strange signal is never normal: unconfirmed until windows enough agree")
  func beginning() throws {
    var (bench, random) = try Self.learned()
    var stood: [Verdict] = []
    for number in 100..<140 {
      bench.take(Self.frame(number, &random) { index, noise in noise + (index % 64 == 0 ? 15 : 0) })
      stood.append(bench.last.state.verdict)
    }
    #expect(stood.contains(.abstain(.unconfirmed)) && stood.contains(.alarm) && !stood.contains(.normal), "\(stood)")
  }

  @Test("a machine that stands, and a defect that adds to it, are not taken for that")
  func own() throws {
    var (bench, random) = try Self.learned()
    for number in 100..<120 { bench.take(Self.frame(number, &random) { _, noise in 0.02 * noise }) }
    #expect(bench.last.state.verdict == .suppressed(.stopped))
    (bench, random) = try Self.learned()
    for number in 100..<120 {
      bench.take(Self.frame(number, &random) { index, noise in noise + (index % 64 == 0 ? 15 : 0) })
    }
    #expect(bench.last.state.verdict == .alarm)
  }
}
