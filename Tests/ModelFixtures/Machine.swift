import Anomaly
import ModelPackages
import Signal

/// A machine of noise, and a fault that beats twenty times a second.
package struct Machine {
  package static let shape = ModelShape(
    windowSamples: 256, sampleRateHz: 2560, unit: .gravity, featureNames: FeatureExtractors.learned.flatMap { $0.names })

  package static func window(_ kind: GoldenVector.Kind, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<shape.windowSamples).map { index in
      Float(random.uniform() - 0.5) + (kind == .faulty && index % 128 < 2 ? 12 : 0)
    }
  }

  /// Learned from healthy windows.
  package static let learned: DeliveredModel = {
    var table = FeatureTable(features: shape.featureNames.count)
    let analyzer = try? WindowAnalyzer(
      sampleCount: shape.windowSamples, sampleRateHz: shape.sampleRateHz, list: FeatureExtractors.learned)
    for seed in 0..<80 {
      var features = [Float](repeating: 0, count: shape.featureNames.count)
      window(.healthy, seed: UInt64(seed)).withUnsafeBufferPointer { samples in
        features.withUnsafeMutableBufferPointer { analyzer?.analyze(samples, into: $0) }
      }
      table.append(features)
    }
    return .learned(
      TrainingJob(point: PointID(machine: "m", point: "p"), shape: shape, windows: table, overlappingNeighbours: 0).run())
  }()

  /// Reproduces nothing: a window is as strange as the mean square of what it takes.
  package static func imported(_ input: ImportedModel.Input, names: [String] = shape.featureNames, limit: Float) throws
    -> DeliveredModel
  {
    var shape = shape
    shape.featureNames = input == .features ? names : []
    let counts: [ImportedModel.Input: Int] = [.features: names.count, .window: 256, .spectrum: 129]
    var chain = try LayerChain(inputs: counts[input] ?? 1)
    try chain.append(.elementwise(.multiply, [0]))
    return .imported(try ImportedModel(input: input, shape: shape, parts: try ImportedParts(before: chain), limit: limit))
  }

  package static func golden(_ model: DeliveredModel) throws -> [GoldenVector] {
    let inputs = try DeliveredInputs(model)
    return try (0..<4).map { index in
      let kind = index < 2 ? GoldenVector.Kind.healthy : .faulty
      return try GoldenVector(measuring: window(kind, seed: UInt64(1000 + index)), kind, model, inputs)
    }
  }

  package static func package(
    _ model: DeliveredModel = learned, limits: PackageLimits = PackageLimits(), version: String = "1.2.0"
  ) throws -> ModelPackage {
    var card = try card
    card.version = version
    return try ModelPackage(card: card, limits: limits, model: model, golden: try golden(model))
  }

  /// What a trainer publishes with it.
  package static func rollout(
    _ package: ModelPackage, serial: Int64 = 1, points: [String] = ["*/*"], canary: [String] = [], windows: Int64 = 20
  ) -> Rollout {
    Rollout(
      serial: serial, model: package.card.model, version: package.card.version, sha256: package.digest,
      length: Int64(package.byteCount), points: Selector(points) ?? Selector(), canaryPoints: Selector(canary) ?? Selector(),
      shadowWindows: windows, canaryWindows: windows)
  }

  package static let cardText = #"""
    {"format":1,"model":"pumps","version":"1.2.0","purpose":"Cooling water pumps","owner":"Condition monitoring",
     "contact":"cm@example.com","licence":"Apache-2.0","review_by":"2027-06-01","least_thrum":"0.1.0",
     "limits":["only at full load"],"known_failure_modes":["cavitation"],
     "training_data":{"description":"three pumps, a month","sha256":"\#(String(repeating: "ab", count: 32))"},
     "metrics":{"test":{"roc_auc":"0.991"},"external":{"roc_auc":"0.94"}}}
    """#

  package static var card: PackageCard {
    get throws { try PackageCard(json: Array(cardText.utf8), "card.json") }
  }
}

/// Every reading is a microsecond after the one before, or more.
package final class StepClock {
  private var now: UInt64 = 0
  private let step: UInt64

  package init(step: UInt64 = 1000) { self.step = step }

  package func nanoseconds() -> UInt64 {
    now += step
    return now
  }
}
