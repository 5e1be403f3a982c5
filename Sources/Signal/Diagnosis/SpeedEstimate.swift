import Glibc

/// The shaft's speed as its own harmonics tell it, near a nominal one, and how far that is to be believed.
///
/// A comb of the first ten harmonics is moved over the spectrum within a tenth of the nominal speed; each tooth gives the logarithm
/// of amplitude over local floor, at most ln 10, so that no single line decides (after Q. Leclère, H. André, J. Antoni, "A
/// multi-order probabilistic approach for instantaneous angular speed tracking", Mech. Syst. Signal Process. 81, 2016, which
/// multiplies whitened spectra over orders too). The best comb is compared with the best elsewhere in the range and with combs of
/// the same teeth at places where no shaft has lines: (h − s) · speed, s from 0.29 to 0.71. Confidence is by how much it leads.
package struct SpeedEstimate: Sendable, Equatable {
  /// Turns per second.
  package let shaftHz: Double
  /// 0 to 1: how far the best comb stands above the next, as a part of that.
  package let confidence: Double
  /// Harmonics that stand four times above their floor where they should.
  package let harmonics: Int

  /// Below it the estimate is not to be used: noise alone reached 0 in 1,200 trials (NumPy, same steps), for fewer than two harmonics
  /// stood; the lead itself reached 0.43 there.
  package static let leastConfidence = 0.4
  package var isBelieved: Bool { confidence >= Self.leastConfidence }

  /// The speed lies within this part of the nominal one.
  package static let range = 0.1
  /// Turns that a recording needs, and that a segment holds at most: longer ones a wandering speed would smear.
  package static let leastTurns = 32.0
  private static let segmentTurns = 64.0
  /// The highest standing harmonic times the turns of a segment: a fifth of a bin is then less than 0.25 % of the speed.
  private static let leastFineness = 90.0

  /// - Parameters:
  ///   - samples: finite; acceleration, velocity or displacement.
  ///   - nominalHz: turns per second, above 0.
  /// - Returns: `nil` where fewer than 32 turns were recorded, the rate holds fewer than three harmonics, or nothing moves.
  package init?(of samples: [Float], sampleRateHz: Double, nominalHz: Double) {
    let turns = Double(samples.count) / sampleRateHz * nominalHz
    guard nominalHz > 0, turns >= Self.leastTurns, turns.isFinite, sampleRateHz <= 1e9 * nominalHz else { return nil }
    let segment = min(Int(Self.segmentTurns * sampleRateHz / nominalHz), samples.count) / 2 * 2
    let spectrum = samples.withUnsafeBufferPointer {
      try? AmplitudeSpectrum(of: $0, sampleRateHz: sampleRateHz, segment: segment, window: .hann)
    }
    guard let spectrum, let comb = HarmonicComb(spectrum, nominalHz: nominalHz), let best = comb.best() else { return nil }
    let lines = comb.refined(best.hz)
    shaftHz = lines.hz
    harmonics = lines.harmonics.count
    let fineness = Double(lines.harmonics.last ?? 0) * Double(segment) / sampleRateHz * nominalHz
    let isSure = harmonics >= 2 && fineness >= Self.leastFineness
    confidence = isSure ? max(0, min(1, best.score / max(best.next, 1e-9) - 1)) : 0
  }
}

/// A spectrum's low end, each bin as the logarithm of how far it stands above its surroundings.
private struct HarmonicComb {
  private static let mostHarmonics = 10
  private static let tallestTooth = log(10.0)
  private static let leastRatio = 4.0
  /// Parts of the speed by which combs are moved to where no shaft has lines.
  private static let shifts = [0.29, 0.37, 0.43, 0.57, 0.63, 0.71]

  private let resolution: Double
  private let amplitude, floor, heights: [Double]
  private let harmonics: Int
  private let candidates: [Double]

  init?(_ spectrum: AmplitudeSpectrum, nominalHz: Double) {
    let (resolution, highestHz) = (spectrum.resolutionHz, nominalHz * (1 + SpeedEstimate.range))
    let harmonics = min(Self.mostHarmonics, Int(Double(spectrum.rms.count - 4) * resolution / highestHz))
    guard harmonics >= 3 else { return nil }
    let count = min(spectrum.rms.count, Int(highestHz * Double(harmonics) / resolution) + 4)
    let width = max(8, Int(1.5 * nominalHz / resolution))
    floor = (0..<count).map { Self.median(spectrum.rms[max(1, $0 - width)...min(spectrum.rms.count - 1, $0 + width)]) }
    amplitude = Array(spectrum.rms.prefix(count))
    heights = zip(amplitude, floor).enumerated().map { k, pair in
      k < 2 || pair.0 <= 0 ? 0 : min(Self.tallestTooth, max(0, log(pair.0 / max(pair.1, 1e-30))))
    }
    let (first, span) = (nominalHz * (1 - SpeedEstimate.range), 2 * SpeedEstimate.range * nominalHz)
    let steps = Int((span * 2 * Double(harmonics) / resolution).rounded(.up))
    candidates = (0...steps).map { first + span * Double($0) / Double(steps) }
    (self.resolution, self.harmonics) = (resolution, harmonics)
  }

  /// The comb that stands highest, and the highest of those that cannot be the shaft if it is. `nil` where nothing stands.
  func best() -> (hz: Double, score: Double, next: Double)? {
    let scores = candidates.map { score($0, shift: 0) }
    guard let top = scores.indices.max(by: { scores[$0] < scores[$1] }), scores[top] > 0 else { return nil }
    let apart = max(1.5 * resolution, 0.01 * candidates[top])
    let others = scores.indices.filter { abs(candidates[$0] - candidates[top]) > apart }.map { scores[$0] }.max() ?? 0
    let nowhere = Self.shifts.map { shift in candidates.map { score($0, shift: shift) }.max() ?? 0 }.max() ?? 0
    return (candidates[top], scores[top], max(others, nowhere))
  }

  /// Sum of the teeth's heights, between bins by straight lines.
  private func score(_ hz: Double, shift: Double) -> Double {
    (1...harmonics).reduce(0) { sum, harmonic in
      let place = (Double(harmonic) - shift) * hz / resolution
      let (bin, part) = (Int(place), place - place.rounded(.down))
      return sum + heights[bin] * (1 - part) + heights[bin + 1] * part
    }
  }

  /// The speed that fits best the tops of the harmonics that stand, Σ h·f / Σ h²: first those within a bin, then within half.
  func refined(_ hz: Double) -> (hz: Double, harmonics: [Int]) {
    var (hz, standing) = (hz, [Int]())
    for reach in [1.0, 0.5] {
      let tops = (1...harmonics).compactMap { harmonic in
        top(near: Double(harmonic) * hz, within: reach * resolution).map { (order: Double(harmonic), hz: $0) }
      }
      standing = tops.map { Int($0.order) }
      guard !tops.isEmpty else { break }
      hz = tops.reduce(0) { $0 + $1.order * $1.hz } / tops.reduce(0) { $0 + $1.order * $1.order }
    }
    return (hz, standing)
  }

  /// Of the parabola through three logarithms of amplitude.
  private func top(near hz: Double, within reach: Double) -> Double? {
    let centre = Int((hz / resolution).rounded())
    let bins = max(2, centre - 1)...max(2, min(amplitude.count - 2, centre + 1))
    guard let k = bins.max(by: { amplitude[$0] < amplitude[$1] }), amplitude[k] >= Self.leastRatio * floor[k],
      amplitude[k] >= amplitude[k - 1], amplitude[k] >= amplitude[k + 1], amplitude[k - 1] > 0, amplitude[k + 1] > 0
    else { return nil }
    let (left, middle, right) = (log(amplitude[k - 1]), log(amplitude[k]), log(amplitude[k + 1]))
    let bend = left - 2 * middle + right
    let place = (Double(k) + (bend < 0 ? 0.5 * (left - right) / bend : 0)) * resolution
    return abs(place - hz) <= reach ? place : nil
  }

  private static func median(_ values: ArraySlice<Double>) -> Double {
    let sorted = values.sorted()
    return 0.5 * (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2])
  }
}
