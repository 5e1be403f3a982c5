import Signal

/// Looks for features near a window's that pass for normal. It may move every feature by at most `budget` of the baseline's
/// deviations; that no signal may have such features is not asked.
struct Evader {
  /// Of features: 1 and more is not normal.
  let score: ([Float]) -> Double
  /// Of each feature over the baseline.
  let deviations: [Float]
  let budget: Float

  private static let steps = 20
  /// Of a deviation, for differences.
  private static let difference: Float = 0.05

  /// One step of the whole budget against the gradient (I. Goodfellow, J. Shlens, C. Szegedy, "Explaining and harnessing adversarial
  /// examples", ICLR 2015).
  func fastGradient(_ window: [Float]) -> [Float] { stepped(window, from: window, budget) }

  /// Small steps against the gradient that stay within the budget; the best of them (A. Madry et al., "Towards deep learning models
  /// resistant to adversarial attacks", ICLR 2018).
  func projectedGradient(_ window: [Float]) -> [Float] {
    var (place, best) = (window, window)
    for _ in 0..<Self.steps {
      place = stepped(window, from: place, budget * 2.5 / Float(Self.steps))
      if score(place) < score(best) { best = place }
    }
    return best
  }

  /// Knows nothing but scores, so that it also works on trees, which have no gradient: keeps what lowers the score, as many
  /// times as the gradients of `projectedGradient` cost.
  func search(_ window: [Float], _ random: inout SplitMix64) -> [Float] {
    var (best, lowest) = (window, score(window))
    for _ in 0..<(2 * window.count * Self.steps) {
      var trial = best
      for index in trial.indices where random.uniform() < 0.2 {
        trial[index] = bounded(best[index] + budget * deviations[index] * Float(0.5 * random.gaussian()), index, window)
      }
      let found = score(trial)
      if found < lowest { (best, lowest) = (trial, found) }
    }
    return best
  }

  private func stepped(_ window: [Float], from place: [Float], _ step: Float) -> [Float] {
    place.indices.map { index in
      let slope = slope(place, index)
      let sign: Float = slope > 0 ? -1 : slope < 0 ? 1 : 0
      return bounded(place[index] + sign * step * deviations[index], index, window)
    }
  }

  private func slope(_ place: [Float], _ index: Int) -> Double {
    var (up, down) = (place, place)
    up[index] += Self.difference * deviations[index]
    down[index] -= Self.difference * deviations[index]
    return score(up) - score(down)
  }

  private func bounded(_ value: Float, _ index: Int, _ window: [Float]) -> Float {
    let most = budget * deviations[index]
    return min(max(value, window[index] - most), window[index] + most)
  }
}
