import Glibc

/// Which band's envelope is the most impulsive: the fast kurtogram (J. Antoni, "Fast computation of the kurtogram for the detection
/// of transient faults", Mech. Syst. Signal Process. 21, 2007).
///
/// Half the sampling rate is cut into 2, 4, 8 … bands by a tree of two complex filters, and every band once more into 3; of each,
/// the kurtosis of the complex envelope is mean |c|⁴ / (mean |c|²)² − 2: 0 for noise, −1 for a tone, above 0 for impulses. The highest
/// may be a single bang: docs/decisions/naming-faults.md says why no fault is named by it.
package struct Kurtogram: Sendable {
  package struct Band: Sendable, Equatable {
    package let centreHz, widthHz, kurtosis: Double
    package var rangeHz: ClosedRange<Double> { centreHz - widthHz / 2...centreHz + widthHz / 2 }
  }

  /// Coarse to fine, from low to high.
  package let bands: [Band]
  package let best: Band

  /// What a band has to hold after its rate was lowered, to have a kurtosis.
  static let leastSamples = 128
  /// Bands of 1/128 of half the rate are the narrowest.
  private static let mostLevels = 7

  /// - Parameters:
  ///   - samples: finite.
  ///   - leastWidthHz: narrower bands than this, at most half the rate, are not looked at; an envelope holds no lines above its band's width.
  package init(of samples: [Float], sampleRateHz: Double, leastWidthHz: Double = 0) throws(SignalError) {
    guard samples.count >= 2 * Self.leastSamples, samples.count <= 1 << 26 else {
      let reason = "\(2 * Self.leastSamples) to \(1 << 26) are needed"
      throw SignalError("take kurtogram", "of \(samples.count) samples", reason: reason)
    }
    let mean = samples.reduce(0) { $0 + Double($1) } / Double(samples.count)
    let whole = samples.map { SIMD2(Double($0) - mean, 0) }
    var tree = Tree(leastWidth: min(1, leastWidthHz / (sampleRateHz / 2)))
    tree.visit(whole, low: 0, width: 1, level: 0)
    let bands = tree.found.sorted { ($1.width, $0.low) < ($0.width, $1.low) }.map {
      Band(
        centreHz: ($0.low + $0.width / 2) * sampleRateHz / 2, widthHz: $0.width * sampleRateHz / 2, kurtosis: $0.kurtosis)
    }
    guard let best = bands.max(by: { $0.kurtosis < $1.kurtosis }) else {
      throw SignalError("take kurtogram", "of \(samples.count) samples", reason: "nothing moves")
    }
    (self.bands, self.best) = (bands, best)
  }

  /// Frequencies are parts of half the sampling rate.
  private struct Tree {
    let leastWidth: Double
    var found: [(low: Double, width: Double, kurtosis: Double)] = []

    init(leastWidth: Double) { self.leastWidth = leastWidth }

    /// - Parameter signal: the band from 0 to half of its own rate.
    mutating func visit(_ signal: [SIMD2<Double>], low: Double, width: Double, level: Int) {
      note(signal, low, width, gaussian: level == 0 ? 3 : 2)
      guard level < Kurtogram.mostLevels else { return }
      for third in 0..<3 {
        note(ComplexFilter.thirds[third].apply(signal, keepingEvery: 3), low + Double(third) * width / 3, width / 3, gaussian: 2)
      }
      guard width / 2 >= leastWidth else { return }
      for half in 0..<2 {
        var part = ComplexFilter.halves[half].apply(signal, keepingEvery: 2)
        // The upper half comes out from −½ to 0 of its new rate: turned by half of it, it begins at 0.
        if half == 1 { for n in stride(from: 1, to: part.count, by: 2) { part[n] = -part[n] } }
        guard part.count >= Kurtogram.leastSamples else { continue }
        visit(part, low: low + Double(half) * width / 2, width: width / 2, level: level + 1)
      }
    }

    private mutating func note(_ signal: [SIMD2<Double>], _ low: Double, _ width: Double, gaussian: Double) {
      guard width >= leastWidth, signal.count >= Kurtogram.leastSamples else { return }
      var (second, fourth) = (0.0, 0.0)
      for value in signal {
        let square = (value * value).sum()
        second += square
        fourth += square * square
      }
      guard second > 0 else { return }
      found.append((low, width, Double(signal.count) * fourth / (second * second) - gaussian))
    }
  }
}

/// A low-pass prototype (sinc under a Hamming window, sum 1) moved up to a band's middle.
struct ComplexFilter {
  private let taps: [SIMD2<Double>]

  /// Antoni's: 1/8 + 0.075 of the rate wide to either side of its middle, 1/8 or 3/8.
  static let halves = [0.125, 0.375].map { ComplexFilter(order: 16, cutoff: 0.2, middle: $0) }
  static let thirds = [1.0 / 12, 0.25, 5.0 / 12].map { ComplexFilter(order: 24, cutoff: 0.4 / 3, middle: $0) }

  /// - Parameters: cutoff and middle as parts of the sampling rate.
  private init(order: Int, cutoff: Double, middle: Double) {
    let prototype = (0...order).map { n -> Double in
      let distance = Double(n) - Double(order) / 2
      let sinc = distance == 0 ? 2 * cutoff : sin(2 * .pi * cutoff * distance) / (.pi * distance)
      return sinc * (0.54 - 0.46 * cos(2 * .pi * Double(n) / Double(order)))
    }
    let sum = prototype.reduce(0, +)
    taps = prototype.enumerated().map { n, tap in
      let angle = 2 * Double.pi * middle * Double(n)
      return SIMD2(cos(angle), sin(angle)) * (tap / sum)
    }
  }

  /// Where all taps meet samples, every so many of the results.
  func apply(_ signal: [SIMD2<Double>], keepingEvery step: Int) -> [SIMD2<Double>] {
    let (last, reach) = (signal.count - taps.count, taps.count - 1)
    guard last >= 0 else { return [] }
    return signal.withUnsafeBufferPointer { signal in
      taps.withUnsafeBufferPointer { taps in
        stride(from: 0, through: last, by: step).map { first in
          var (real, imaginary) = (0.0, 0.0)
          for k in 0...reach {
            let (tap, value) = (taps[k], signal[first + reach - k])
            real += tap.x * value.x - tap.y * value.y
            imaginary += tap.x * value.y + tap.y * value.x
          }
          return SIMD2(real, imaginary)
        }
      }
    }
  }
}
