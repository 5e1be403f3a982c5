import Glibc

/// Samples at equal angles of the shaft instead of equal times (computed order tracking): what turns with it becomes one sharp
/// order, however its speed changes (Fyfe, Munck, Mech. Syst. Signal Process. 11, 1997).
package struct AngularResampling: Sendable {
  /// Whole turns, the first from the first whole angle on at which the recording holds enough to interpolate.
  package let samples: [Float]
  /// Even. So many that the angles are nowhere further apart than the samples in time: nothing can be folded back (aliasing), and
  /// no filter is needed.
  package let samplesPerTurn: Int
  package let turns: Int
  /// Slowest and fastest turn of those taken, turns per second, and all of them over their time.
  package let speedsHz: ClosedRange<Double>
  package let meanSpeedHz: Double
  /// Below it orders are right at all speeds; above, at the fastest, would lie what no sample holds.
  package var highestOrder: Double { Self.highestPartOfNyquist * sampleRateHz / 2 / speedsHz.upperBound }

  private let sampleRateHz: Double
  /// As far the interpolation is flat within 1e-4.
  package static let highestPartOfNyquist = 0.8
  private static let mostSamples = 1 << 26

  /// - Parameters:
  ///   - samples: finite, one constant rate.
  ///   - shaft: counts from the first sample on; only the time that both know is used, a turn or more.
  package init(of samples: [Float], sampleRateHz: Double, shaft: ShaftAngle) throws(SignalError) {
    let reach = Double(SincInterpolation.reach)
    let (first, last) = (reach / sampleRateHz, (Double(samples.count) - 1 - reach) / sampleRateHz)
    let begin = shaft.turns(atSeconds: first).rounded(.up)
    let turns = Int(max(0, min(shaft.turns(atSeconds: last).rounded(.down) - begin, 1e9)))
    guard turns >= 1, shaft.seconds(atTurns: begin) >= first else {
      let object = "of \(samples.count) samples at \(sampleRateHz) Hz"
      throw SignalError("resample by angle", object, reason: "the shaft's angle is known for less than one turn of it")
    }
    let moments = (0...turns).map { shaft.seconds(atTurns: begin + Double($0)) }
    let lengths = zip(moments.dropFirst(), moments).map { $0 - $1 }
    let (shortest, longest) = (lengths.min() ?? 1, lengths.max() ?? 1)
    let perTurn = (longest * sampleRateHz / 2).rounded(.up) * 2 + 2
    guard shortest > 0, perTurn * Double(turns) <= Double(Self.mostSamples) else {
      let object = "of \(turns) turns at \(perTurn) samples"
      throw SignalError(
        "resample by angle", object, reason: "at most \(Self.mostSamples) samples can be made: take a shorter part")
    }
    samplesPerTurn = Int(perTurn)
    (self.turns, self.sampleRateHz) = (turns, sampleRateHz)
    (speedsHz, meanSpeedHz) = (1 / longest...1 / shortest, Double(turns) / (moments[turns] - moments[0]))
    let interpolation = SincInterpolation(samples)
    self.samples = (0..<turns * samplesPerTurn).map { n in
      interpolation.value(at: shaft.seconds(atTurns: begin + Double(n) / perTurn) * sampleRateHz)
    }
  }
}

/// Values between samples: a sinc under a Kaiser window (β = 9, 32 samples long), flat within 1e-4 up to 0.8 of half the rate
/// (J. F. Kaiser, R. W. Schafer, IEEE Trans. Acoust. Speech Signal Process. 28, 1980).
struct SincInterpolation {
  /// Samples needed to either side.
  static let reach = 16
  private static let beta = 9.0
  private static let phases = 512
  /// [phases + 1][2 · reach]: weights for every fraction of a sample, their sum 1.
  private static let weights: [Float] = (0...phases).flatMap { row(Double($0) / Double(phases)) }

  private let samples: [Float]

  init(_ samples: [Float]) { self.samples = samples }

  /// - Parameter place: in samples, `reach` or more from both ends; beyond, 0.
  func value(at place: Double) -> Float {
    let (whole, width) = (place.rounded(.down), 2 * Self.reach)
    let first = Int(whole) - Self.reach + 1
    guard first >= 0, first + width <= samples.count else { return 0 }
    let position = (place - whole) * Double(Self.phases)
    let phase = min(Int(position), Self.phases - 1)
    let between = Float(position - Double(phase))
    return samples.withUnsafeBufferPointer { samples in
      Self.weights.withUnsafeBufferPointer { weights in
        let (near, next) = (phase * width, (phase + 1) * width)
        var (a, b): (Float, Float) = (0, 0)
        for k in 0..<width {
          a += samples[first + k] * weights[near + k]
          b += samples[first + k] * weights[next + k]
        }
        return a + between * (b - a)
      }
    }
  }

  private static func row(_ fraction: Double) -> [Float] {
    let weights = (1 - reach...reach).map { k -> Double in
      let distance = fraction - Double(k)
      let inside = max(0, 1 - (distance / Double(reach)) * (distance / Double(reach)))
      return sinc(distance) * KaiserWindow.besselI0(beta * inside.squareRoot())
    }
    let sum = weights.reduce(0, +)
    return weights.map { Float($0 / sum) }
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(Double.pi * x) / (Double.pi * x) }
}
