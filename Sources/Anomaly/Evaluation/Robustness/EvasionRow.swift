import Signal

/// Windows of faulty recordings that pass for normal once their features are moved on purpose.
package struct EvasionRow: Sendable, Encodable {
  package var dataSet: String
  /// `fgsm` and `pgd` follow the joint score's gradient, which is the autoencoder's, for the forest has none; `random_search` sees
  /// scores only.
  package var attack: String
  /// Largest change of a feature, in the baseline's deviations.
  package var budgetDeviations: Double
  /// That were not normal before.
  package var windows = 0
  package var evaded = 0

  private static let attacks = ["fgsm", "pgd", "random_search"]
  private static let budgets: [Float] = [0.5, 1, 2, 4]
  /// Windows looked at in one recording.
  private static let mostWindows = 5

  static func table(_ groups: [JudgedGroup], _ progress: (String) -> Void) -> [EvasionRow] {
    Set(groups.map(\.dataSet)).sorted().flatMap { set in
      progress("\(set), evasion")
      let own = groups.filter { $0.dataSet == set }
      let rows = attacks.flatMap { attack in budgets.map { row(set, attack, $0, own) } }
      return rows.filter { $0.windows > 0 }
    }
  }

  private static func row(_ set: String, _ attack: String, _ budget: Float, _ groups: [JudgedGroup]) -> EvasionRow {
    var row = EvasionRow(dataSet: set, attack: attack, budgetDeviations: Double(budget))
    for group in groups {
      for test in group.tests where !test.label.hasPrefix("healthy") {
        guard case .model(let model)? = group.judge.model?.choice(speedRPM: test.stretch.speedRPM) else { continue }
        let evader = Evader(
          score: { features in features.withUnsafeBufferPointer { model.score($0).joint } }, deviations: group.judge.deviations,
          budget: budget)
        let windows = test.stretch.features(ofWindows: group.judge.windowSamples, atMost: mostWindows)
        for window in windows where evader.score(window) >= 1 {
          row.windows += 1
          row.evaded += evader.score(evader.moved(window, by: attack, seed: UInt64(row.windows))) < 1 ? 1 : 0
        }
      }
    }
    return row
  }
}

extension Evader {
  fileprivate func moved(_ window: [Float], by attack: String, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return switch attack {
    case "fgsm": fastGradient(window)
    case "pgd": projectedGradient(window)
    default: search(window, &random)
    }
  }
}

extension RecordedStretch {
  /// Of windows evenly spread over the recording.
  fileprivate func features(ofWindows count: Int, atMost most: Int) -> [[Float]] {
    guard
      let analyzer = try? WindowAnalyzer(sampleCount: count, sampleRateHz: sampleRateHz, list: FeatureExtractors.learned)
    else { return [] }
    let windows = snapshots.flatMap { samples in
      stride(from: 0, through: samples.count - count, by: count).map { samples[$0..<$0 + count] }
    }
    return stride(from: 0, to: windows.count, by: max(1, windows.count / most)).prefix(most).map {
      analyzer.features(of: windows[$0])
    }
  }
}

extension WindowAnalyzer {
  fileprivate func features(of window: ArraySlice<Float>) -> [Float] {
    var features = [Float](repeating: 0, count: featureNames.count)
    window.withUnsafeBufferPointer { samples in features.withUnsafeMutableBufferPointer { analyze(samples, into: $0) } }
    return features
  }
}
