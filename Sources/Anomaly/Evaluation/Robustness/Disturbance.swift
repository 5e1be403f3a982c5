import Glibc
import Signal

/// Something that changes a signal on its way to Thrum. The same seed gives the same change.
struct Disturbance: Sendable {
  let name: String
  let change: @Sendable (_ samples: [Float], _ random: inout SplitMix64) -> [Float]

  /// Every snapshot is changed by itself.
  func applied(to stretch: RecordedStretch, seed: UInt64) -> RecordedStretch {
    var (changed, random) = (stretch, SplitMix64(seed: seed))
    changed.snapshots = stretch.snapshots.map { change($0, &random) }
    return changed
  }
}

extension Disturbance {
  /// THE LIST of what a machine's verdict should survive.
  static let all: [Disturbance] = [
    Disturbance(name: "none") { samples, _ in samples },
    noise(decibels: 20), noise(decibels: 10), noise(decibels: 0),
    Disturbance(name: "samples_missing_1_pct") { samples, random in samples.filter { _ in random.uniform() >= 0.01 } },
    Disturbance(name: "samples_held_5_pct", change: held),
    gain(1.2, "gain_plus_20_pct"), gain(0.8, "gain_minus_20_pct"),
    Disturbance(name: "clipped_at_half_peak", change: clipped),
    resampled(1.01, "resampled_plus_1_pct"), resampled(0.99, "resampled_minus_1_pct"),
  ]

  static func gain(_ factor: Float, _ name: String) -> Disturbance {
    Disturbance(name: name) { samples, _ in samples.map { $0 * factor } }
  }

  /// White, Gaussian; `decibels`: of the signal's AC power over the noise's.
  private static func noise(decibels: Double) -> Disturbance {
    Disturbance(name: "noise_\(Int(decibels))_db") { samples, random in
      let deviation = Self.deviation(samples) * pow(10, -decibels / 20)
      return samples.map { $0 + Float(deviation * random.gaussian()) }
    }
  }

  /// The signal as if sampled at `factor` times the rate that is declared.
  static func resampled(_ factor: Double, _ name: String) -> Disturbance {
    Disturbance(name: name) { samples, _ in
      let count = Int(Double(samples.count) * factor) & ~1
      return (0..<count).map { interpolated(samples, at: Double($0) / factor) }
    }
  }

  /// A sample that was lost repeats the one before.
  @Sendable private static func held(_ samples: [Float], _ random: inout SplitMix64) -> [Float] {
    var result = samples
    for index in result.indices.dropFirst() where random.uniform() < 0.05 { result[index] = result[index - 1] }
    return result
  }

  @Sendable private static func clipped(_ samples: [Float], _: inout SplitMix64) -> [Float] {
    let limit = (samples.map { abs($0) }.max() ?? 0) / 2
    return samples.map { min(max($0, -limit), limit) }
  }

  /// Cubic (E. Catmull and R. Rom, 1974).
  private static func interpolated(_ samples: [Float], at place: Double) -> Float {
    let index = Int(place)
    func sample(_ offset: Int) -> Float { samples[min(max(index + offset, 0), samples.count - 1)] }
    let (a, b, c, d, part) = (sample(-1), sample(0), sample(1), sample(2), Float(place - Double(index)))
    let slope = c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a))
    return b + 0.5 * part * slope
  }

  static func deviation(_ samples: [Float]) -> Double {
    let count = Double(max(1, samples.count))
    let mean = samples.reduce(0) { $0 + Double($1) } / count
    return (samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count).squareRoot()
  }
}
