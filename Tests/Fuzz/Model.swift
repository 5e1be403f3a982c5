import Signal

@testable import Anomaly

extension FuzzTarget {
  /// The checksum is put right: behind it stands what has to believe nothing.
  static let model = FuzzTarget(
    name: "model", seeds: { [1, 3].map { Array(learned(features: $0).encoded().dropLast(8)) } },
    read: { input in
      guard let model = try? Model(decoding: Array(input) + little(Digest64.of(input))) else { return }
      let features = (0..<model.shape.featureNames.count).map { Float($0) }
      _ = features.withUnsafeBufferPointer { model.score($0) }
      let again = try? Model(decoding: model.encoded())
      precondition(again?.version == model.version)
    })

  static func learned(features: Int) -> Model {
    var random = SplitMix64(seed: 1)
    var windows = FeatureTable(features: features)
    for _ in 0..<5 { windows.append((0..<features).map { _ in Float(random.index(below: 100)) }) }
    let names = (0..<features).map { "f\($0)" }
    return TrainingJob(
      point: PointID(machine: "m", point: "p"),
      shape: ModelShape(windowSamples: 256, sampleRateHz: 1000, unit: .gravity, featureNames: names), windows: windows,
      overlappingNeighbours: 0
    ).runAsOne()
  }
}
