import Signal
import Testing

@testable import Anomaly

@Suite("Evasion")
struct EvaderTests {
  /// A window is as strange as it is far from 0, and 1 is the limit.
  private func evader(budget: Float) -> Evader {
    Evader(
      score: { $0.reduce(0) { $0 + Double($1 * $1) } / 16 }, deviations: [1, 1, 0.5, 0.5], budget: budget)
  }

  private let window: [Float] = [3, -3, 1, 1]

  private func attacks(_ budget: Float) -> [[Float]] {
    let evader = evader(budget: budget)
    var random = SplitMix64(seed: 1)
    return [evader.fastGradient(window), evader.projectedGradient(window), evader.search(window, &random)]
  }

  @Test("every attack finds the way where there is one")
  func finds() {
    for moved in attacks(1) { #expect(evader(budget: 1).score(moved) < 1) }
  }

  @Test("no attack moves a feature farther than it may", arguments: [0.1, 0.5, 2] as [Float])
  func bounded(budget: Float) {
    for moved in attacks(budget) {
      for index in moved.indices {
        #expect(abs(moved[index] - window[index]) <= budget * evader(budget: budget).deviations[index] + 1e-5)
      }
    }
  }

  @Test("with too little room every attack fails")
  func tooLittle() {
    for moved in attacks(0.05) { #expect(evader(budget: 0.05).score(moved) >= 1) }
  }

  @Test("where there is no slope the search still finds a way, and the gradients stay where they are")
  func steps() {
    let stepped = Evader(score: { $0[0] > 2.4 ? 1.5 : 0.5 }, deviations: [1, 1, 0.5, 0.5], budget: 1)
    var random = SplitMix64(seed: 1)
    #expect(stepped.score(stepped.search(window, &random)) < 1)
    #expect(stepped.fastGradient(window) == window)
  }
}
