import Foundation
import TestSupport
import Testing

@testable import Signal

/// 200 seeded signals of 256 to 65,536 samples, made here and in scripts/golden/features.py by the same recipe; SciPy is the judge.
@Suite("Features beside SciPy")
struct FeatureGoldenTests {
  @Test("every feature of THE LIST agrees within 1e-4 of its value or scale", arguments: try Signals.all())
  func agrees(expected: Signals) throws {
    let samples = expected.samples
    let analyzer = try WindowAnalyzer(sampleCount: samples.count, sampleRateHz: expected.sample_rate_hz)
    let rms = Double(expected.features[0])
    for (index, (ours, theirs)) in zip(analyzer.features(of: samples), expected.features).enumerated() {
      let name = analyzer.featureNames[index]
      #expect(Self.difference(name, Double(ours), theirs, rms) <= 1e-4, "\(name): \(ours), SciPy says \(theirs)")
    }
  }

  /// As a part of the value or of its scale: RMS for amplitudes, 1 for ratios, logarithms, Hz. The logarithm of a band that holds
  /// nothing but rounding (an amplitude below 1e-5 of the RMS) is no figure of the signal: there energy and amplitude are compared,
  /// on the scale of the whole signal's. Weak bands above that are judged by their logarithm like all others.
  private static func difference(_ name: String, _ ours: Double, _ theirs: Double, _ rms: Double) -> Double {
    let relative = abs(ours - theirs) / max(abs(theirs), 1)
    if ["rms", "peak", "peak_to_peak"].contains(name) {
      return abs(ours - theirs) / max(abs(theirs), rms, .leastNormalMagnitude)
    }
    let isEnergy = name.hasPrefix("band_")
    guard isEnergy || name.hasPrefix("envelope_") else { return relative }
    let (scale, rounding) = isEnergy ? (rms * rms, 1e-10) : (rms, 1e-5)
    guard scale > 0, exp(theirs) < rounding * scale else { return relative }
    return abs(exp(ours) - exp(theirs)) / scale
  }
}

struct Signals: Codable, CustomTestStringConvertible, Sendable {
  let seed, count: Int
  let sample_rate_hz: Double
  let features: [Double]
  var testDescription: String { "\(seed), \(count) samples" }

  static func all() throws -> [Self] { try JSONDecoder().decode([Self].self, from: Golden.data("features.json")) }

  var samples: [Float] {
    var random = SplitMix64(seed: UInt64(seed))
    let scale = pow(10, Double(seed / 8 % 5 - 2))
    return (0..<count).map { n in Float(value(n, 2 * random.uniform() - 1) * scale) }
  }

  private func value(_ n: Int, _ noise: Double) -> Double {
    let tone = sin(2 * .pi * Double(n) * (0.01 + 0.002 * Double(seed % 97)))
    return switch seed % 8 {
    case 0: noise
    case 1: noise + 577
    case 2: tone + 0.01 * noise
    case 3: tone + 0.3 * sin(2 * .pi * Double(n) * 0.31) + 0.05 * noise + 800
    case 4: 0.1 * noise + (n % (37 + seed) == 3 ? 5 : 0)
    case 5: seed % 16 == 5 ? 1000 : 0
    case 6: n == count / 3 ? 1 : 0
    default: (n / 25 % 2 == 0 ? 1 : -1) + 0.01 * noise
    }
  }
}
