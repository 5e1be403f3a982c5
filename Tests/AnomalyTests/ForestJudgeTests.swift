import Foundation
import TestSupport
import Testing

@testable import Anomaly

/// Could Thrum's isolation forests be some of scikit-learn's? Fifty seeds of each.
@Suite(
  "The forest beside scikit-learn's",
  .enabled(if: ProcessInfo.processInfo.environment["THRUM_TESTS"] == "all", "slow; THRUM_TESTS=all runs it"))
struct ForestJudgeTests {
  private struct Judge: Decodable {
    var learned: [[Float]]
    var probes: [[Float]]
    var healthyProbes: Int
    /// [seed][probe]
    var scores: [[Float]]
  }

  private let judge: Judge
  /// [seed][probe]
  private let ours: [[Float]]

  init() throws {
    judge = try JSONDecoder().decode(Judge.self, from: Golden.data("forest_judge.json"))
    var table = FeatureTable(features: judge.learned[0].count)
    for row in judge.learned { table.append(row) }
    let probes = judge.probes
    ours = judge.scores.indices.map { seed in
      let forest = IsolationForest.learn(table, seed: UInt64(seed))
      return probes.map { $0.withUnsafeBufferPointer { forest.score($0) } }
    }
  }

  @Test("the scores' distribution lies no further from scikit-learn's than its own seeds lie from each other")
  func distribution() {
    let theirs = judge.scores
    let between = theirs.indices.map { seed in
      Self.distance(theirs[seed], theirs.enumerated().flatMap { $0.offset == seed ? [] : $0.element })
    }
    let across = ours.map { Self.distance($0, theirs.flatMap { $0 }) }
    let all = Self.distance(ours.flatMap { $0 }, theirs.flatMap { $0 })
    let (mean, own) = (Self.mean(across), Self.mean(between))
    // Of the difference of two means of fifty.
    let error = ((Self.variance(across) + Self.variance(between)) / Float(ours.count)).squareRoot()
    print("Kolmogorov-Smirnov: all seeds \(all), a seed \(mean) from all of scikit-learn's; its own seeds \(own); error \(error)")
    #expect(all <= own)
    #expect(mean <= own + 2 * error)
  }

  @Test("the area under the ROC curve is scikit-learn's, within what its seeds differ by")
  func area() {
    let (theirs, own) = (judge.scores.map(area(under:)), ours.map(area(under:)))
    let spread = (theirs.reduce(0) { $0 + ($1 - Self.mean(theirs)) * ($1 - Self.mean(theirs)) } / Float(theirs.count))
      .squareRoot()
    print("AUC: \(Self.mean(own)), scikit-learn's \(Self.mean(theirs)), its spread \(spread)")
    #expect(abs(Self.mean(own) - Self.mean(theirs)) <= spread)
  }

  /// Pairs of a healthy and a strange probe in the right order, as a part of all.
  private func area(under scores: [Float]) -> Float {
    let (healthy, strange) = (scores.prefix(judge.healthyProbes), scores.dropFirst(judge.healthyProbes))
    let right = strange.reduce(0) { sum, score in sum + healthy.count { $0 < score } }
    return Float(right) / Float(healthy.count * strange.count)
  }

  /// Kolmogorov and Smirnov's: the greatest difference of two empirical distribution functions.
  private static func distance(_ x: [Float], _ y: [Float]) -> Float {
    let (x, y) = (x.sorted(), y.sorted())
    var (i, j, greatest) = (0, 0, Float(0))
    while i < x.count, j < y.count {
      let value = min(x[i], y[j])
      while i < x.count, x[i] <= value { i += 1 }
      while j < y.count, y[j] <= value { j += 1 }
      greatest = max(greatest, abs(Float(i) / Float(x.count) - Float(j) / Float(y.count)))
    }
    return greatest
  }

  private static func variance(_ values: [Float]) -> Float {
    let mean = mean(values)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
  }

  private static func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
}
