import Signal
import Foundation
import TestSupport
import Testing

@testable import Anomaly

@Suite("Learned detectors")
struct DetectorTests {
  /// Windows around 0 whose second half of features follows the first.
  static func windows(_ count: Int, features: Int = 12, seed: UInt64 = 1) -> FeatureTable {
    var random = SplitMix64(seed: seed)
    var table = FeatureTable(features: features)
    for _ in 0..<count {
      let free = (0..<features / 2).map { _ in Float(random.uniform() + random.uniform() + random.uniform() - 1.5) * 2 }
      table.append(free + free.map { $0 * 0.8 + Float(random.uniform() - 0.5) * 0.2 })
    }
    return table
  }

  @Test("the padded forest scores as its trees walked node by node", arguments: [3, 40, 300, 1000])
  func forestTwin(count: Int) {
    let forest = IsolationForest.learn(Self.windows(count), seed: 3)
    Self.windows(50, seed: 9).forEach { window in
      #expect(abs(forest.score(window) - Self.walk(forest, window)) < 1e-5)
    }
  }

  @Test("the forest agrees with scikit-learn's, on average over seeds")
  func scikitLearn() throws {
    let golden = try JSONDecoder().decode(GoldenForest.self, from: Golden.data("forest.json"))
    var table = FeatureTable(features: 4)
    for row in golden.learned { table.append(row) }
    let forests = (0..<40).map { IsolationForest.learn(table, seed: UInt64($0)) }
    for (probe, expected) in zip(golden.probes, golden.scores) {
      let score = probe.withUnsafeBufferPointer { probe in forests.reduce(0) { $0 + $1.score(probe) } / 40 }
      #expect(abs(score - expected) < 0.012)
    }
  }

  private struct GoldenForest: Decodable {
    var learned: [[Float]]
    var probes: [[Float]]
    var scores: [Float]
  }

  @Test("c(n) is scikit-learn's", arguments: [(1, 0), (2, 1), (3, 1.207_392), (256, 10.244_770)] as [(Int, Double)])
  func averagePathLength(count: Int, expected: Double) {
    #expect(abs(IsolationForest.averagePathLength(count) - expected) < 1e-5)
  }

  @Test("many windows at once score to the bit as one by one", arguments: Detectors.all.indices, [1, 31, 67])
  func rowsAtOnce(index: Int, count: Int) {
    let detector = Detectors.all[index].learn(Self.windows(100), seed: 2)
    let windows = Self.windows(count, seed: 4)
    var one: [Float] = []
    windows.forEach { one.append(detector.score($0)) }
    #expect(detector.scores(of: windows) == one)
  }

  @Test(
    "every detector of the joint score finds what is outside, and gives the same for the same seed",
    arguments: Detectors.all.indices.prefix(Detectors.joint))
  func outside(index: Int) {
    let windows = Self.windows(200)
    let detector = Detectors.all[index].learn(windows, seed: 5)
    let again = Detectors.all[index].learn(windows, seed: 5)
    var inside: [Float] = []
    Self.windows(100, seed: 8).forEach {
      inside.append(detector.score($0))
      #expect(again.score($0) == detector.score($0))
    }
    let broken = [Float](repeating: 2, count: 6) + [Float](repeating: -2, count: 6)
    let outside = broken.withUnsafeBufferPointer { detector.score($0) }
    #expect(outside > (inside.max() ?? 0))
  }

  @Test("the limits of single features find the one that left its own, however many stayed, and say how far")
  func limits() throws {
    let windows = Self.windows(200)
    let limits = FeatureLimits.learn(windows, seed: 1)
    var healthy: [Float] = []
    Self.windows(100, seed: 8).forEach { healthy.append(limits.score($0)) }
    var window = Array(windows[0])
    window[7] = limits.median[7] - 9 * limits.deviation[7]
    let (score, farthest) = window.withUnsafeBufferPointer { (limits.score($0), limits.farthest($0)) }
    let found = try #require(farthest)
    #expect(score > 2 * (healthy.max() ?? 0))
    #expect(found.feature == 7 && abs(found.deviations + 9) < 1e-3 && abs(score - 9) < 1e-3)
  }

  @Test("backpropagation is the slope of the error")
  func gradient() {
    var random = SplitMix64(seed: 4)
    var trainer = AutoencoderTrainer(widths: [6, 4, 3, 4, 6], random: &random)
    let sample = (0..<6).map { _ in Float(random.uniform() * 2 - 1) }
    sample.withUnsafeBufferPointer { trainer.addSample($0, share: 1) }
    for layer in trainer.layers.indices {
      for weight in stride(from: 0, to: trainer.layers[layer].weights.count, by: 5) {
        let slope = Self.error(trainer, sample, layer, weight, 1e-2) - Self.error(trainer, sample, layer, weight, -1e-2)
        #expect(abs(slope / 2e-2 - trainer.gradients[layer].weights[weight]) < 2e-3)
      }
    }
  }

  @Test("an autoencoder learns what its windows have in common")
  func reproduction() {
    let autoencoder = Autoencoder.learn(Self.windows(300), seed: 2)
    var (error, energy): (Float, Float) = (0, 0)
    Self.windows(100, seed: 6).forEach { window in
      error += autoencoder.score(window)
      energy += window.reduce(0) { $0 + $1 * $1 } / Float(window.count)
    }
    #expect(error < 0.15 * energy)
  }

  @Test("a feature that never moved does not spoil a model")
  func constantFeature() {
    var table = FeatureTable(features: 3)
    for row in 0..<60 { table.append([1, Float(row % 7), 0]) }
    let standardizer = Standardizer(table, names: ["rms", "kurtosis", "band_0"])
    let standardized = standardizer.standardize(table)
    #expect(standardized.values.allSatisfy { $0.isFinite && abs($0) <= Standardizer.limit })
    for type in Detectors.all { #expect(type.learn(standardized, seed: 1).encodedSize > 0) }
  }

  private static func walk(_ forest: IsolationForest, _ window: UnsafeBufferPointer<Float>) -> Float {
    let inner = 1 << forest.depth - 1
    var sum: Float = 0
    for tree in 0..<forest.trees {
      var node = 0
      while node < inner {
        let (threshold, feature) = Kernels.parts(of: forest.splits[tree * inner + node])
        node = window[feature] <= threshold ? 2 * node + 1 : 2 * node + 2
      }
      sum += forest.leaves[tree * (inner + 1) + node - inner]
    }
    return powf(2, -sum / Float(forest.trees) / forest.normalization)
  }

  private static func error(_ trainer: AutoencoderTrainer, _ sample: [Float], _ layer: Int, _ weight: Int, _ step: Float) -> Float
  {
    var layers = trainer.layers
    layers[layer].weights[weight] += step
    var values = sample
    for (index, layer) in layers.enumerated() {
      var next = layer.bias
      for i in 0..<layer.inputs { for o in 0..<layer.outputs { next[o] += values[i] * layer.weights[i * layer.outputs + o] } }
      values = index < layers.count - 1 ? next.map { tanhf($0) } : next
    }
    return zip(values, sample).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(sample.count)
  }
}

extension Detector {
  fileprivate var encodedSize: Int {
    var file = ModelWriter()
    encode(into: &file)
    return file.bytes.count
  }
}
