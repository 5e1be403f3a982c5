import Glibc
import Signal

@testable import Anomaly

/// A healthy machine that runs for months, made of a few seconds of real recordings: blocks of them are drawn at random, its load
/// wanders over hours, now and then it goes on as in another recording, at night it stands. A third of the blocks is learned from; the
/// rest is parted by lot into what decisions are calibrated on and what is judged.
struct HealthyLife {
  /// By recording: what the model makes of each block's windows, at each load.
  private let scores: [[[[Score]]]]
  static let windowSamples = 1024
  private static let blockSamples = 2560
  /// Deviation of the logarithm of the level, and how long it takes to wander.
  private static let loadDeviation = 0.07
  private static let loadMinutes = 360.0
  private static let loads = stride(from: -0.3, through: 0.3, by: 0.05).map { Float(exp($0)) }
  /// Mean time that it goes on as in one recording.
  private static let recordingMinutes = 720.0

  /// Blocks of each recording.
  typealias Blocks = [[Int]]

  /// - Parameter recordings: of one point of one healthy machine.
  init(_ recordings: [[Float]], unit: SignalUnit, rateHz: Double, blockSamples: Int = blockSamples) throws {
    let blocks = recordings.map { samples in
      stride(from: 0, through: samples.count - blockSamples, by: blockSamples).map { samples[$0..<$0 + blockSamples] }
    }
    let analyzer = try WindowAnalyzer(sampleCount: Self.windowSamples, sampleRateHz: rateHz, list: FeatureExtractors.learned)
    let features = { (block: ArraySlice<Float>, load: Float) in
      stride(from: block.startIndex, through: block.endIndex - Self.windowSamples, by: Self.windowSamples / 2).map { start in
        analyzer.features(of: block[start..<start + Self.windowSamples].map { $0 * load })
      }
    }
    var table = FeatureTable(features: analyzer.featureNames.count)
    for block in blocks.flatMap({ $0.enumerated().filter { $0.offset % 3 == 0 }.map(\.element) }) {
      for window in features(block, 1) { table.append(window) }
    }
    let shape = ModelShape(
      windowSamples: Self.windowSamples, sampleRateHz: rateHz, unit: unit, featureNames: analyzer.featureNames)
    let point = PointID(machine: "healthy", point: "life")
    let model = TrainingJob(point: point, shape: shape, windows: table, overlappingNeighbours: 1).runAsOne()
    scores = blocks.map { recording in
      recording.map { block in
        Self.loads.map { load in features(block, load).map { $0.withUnsafeBufferPointer { model.score($0) } } }
      }
    }
  }

  /// What was not learned from, in two.
  func parted(_ random: inout SplitMix64) -> (calibrating: Blocks, judged: Blocks) {
    let drawn = scores.map { $0.indices.filter { $0 % 3 != 0 }.shuffled(using: &random) }
    return (drawn.map { Array($0.prefix($0.count / 2)) }, drawn.map { Array($0.suffix($0.count / 2)) })
  }

  /// What its windows score, a block a minute from `start` on.
  /// - Parameter body: told of each window of the running machine with the time.
  func run(days: Int, _ drawn: Blocks, from start: UnixTime, _ random: inout SplitMix64, _ body: (Score, UnixTime) -> Void) {
    let memory = exp(-1 / Self.loadMinutes)
    var load = random.gaussian() * Self.loadDeviation
    var recording = random.index(below: scores.count)
    for minute in 0..<days * 1440 {
      load = memory * load + random.gaussian() * Self.loadDeviation * (1 - memory * memory).squareRoot()
      if random.uniform() < 1 / Self.recordingMinutes { recording = random.index(below: scores.count) }
      // From ten at night to four it stands.
      if (minute / 60) % 24 < 4 || (minute / 60) % 24 >= 22 { continue }
      let blocks = drawn[recording]
      let block = scores[recording][blocks[random.index(below: blocks.count)]]
      let level = min(max(Int((load + 0.3) / 0.05 + 0.5), 0), Self.loads.count - 1)
      let time = start.advanced(bySeconds: Double(minute) * 60)
      for (index, score) in block[level].enumerated() { body(score, time.advanced(bySeconds: 0.1 * Double(index))) }
    }
  }
}

extension WindowAnalyzer {
  func features(of window: [Float]) -> [Float] {
    var features = [Float](repeating: 0, count: featureNames.count)
    window.withUnsafeBufferPointer { samples in features.withUnsafeMutableBufferPointer { analyze(samples, into: $0) } }
    return features
  }
}
