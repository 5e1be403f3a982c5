import Signal

@testable import Anomaly

/// A model of made-up windows, and windows to score: what the tests of this room share.
enum Learned {
  static let features = 10

  /// Healthy ones around 1 … 10 whose second half follows the first; `spread` above 1 makes them strange.
  static func windows(_ count: Int, seed: UInt64, spread: Float = 1) -> FeatureTable {
    var random = SplitMix64(seed: seed)
    var table = FeatureTable(features: features)
    for _ in 0..<count {
      let free = (0..<features / 2).map { Float($0 + 1) + spread * Float(random.uniform() + random.uniform() - 1) * 0.4 }
      table.append(free + free.map { $0 * 0.8 + spread * Float(random.uniform() - 0.5) * 0.1 })
    }
    return table
  }

  static let model: Model = {
    let shape = ModelShape(
      windowSamples: 1024, sampleRateHz: 12_800, unit: .gravity, featureNames: (0..<features).map { "feature\($0)" })
    return TrainingJob(
      point: PointID(machine: "m", point: "1"), shape: shape, windows: windows(200, seed: 1), overlappingNeighbours: 1
    ).runAsOne()
  }()

  static func scores(_ windows: FeatureTable) -> [Score] {
    var scores: [Score] = []
    windows.forEach { scores.append(model.score($0)) }
    return scores
  }
}
