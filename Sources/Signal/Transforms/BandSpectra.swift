/// Spectra from which a band's mean square is summed: what lies outside must not count, so segments are as long as the block
/// allows, and their window is chosen for how little of a tone it spreads away from it.
///
/// Behind this window a tone 2.6 resolutions from the band leaks less than 0.2 % of its own RMS. Slepian's windows, which no
/// other surpasses, need 2.5: what lies closer cannot be told apart in so many samples.
final class BandSpectra {
  /// Of the Kaiser window: as small as it may be for that.
  static let beta = 7.5
  /// Longer blocks are cut into segments of so many seconds, or twice what the band's beginning asks for, which overlap by half.
  static let longestSeconds = 10.0

  private let segments: Segments
  private let transform: RealFFT
  private let window: [Float]
  private let power: PowerSpectrum

  /// Of a segment where the block is longer; without end for a band from 0 on.
  static func seconds(lowestHz: Double) -> Double { max(longestSeconds, 20 / lowestHz) }

  /// - Parameters:
  ///   - sampleCount: a second or more.
  ///   - lowestHz: where the bands begin that have to be whole.
  init(sampleCount: Int, sampleRateHz: Double, lowestHz: Double) throws(SignalError) {
    let seconds = Self.seconds(lowestHz: lowestHz)
    segments = Segments(sampleCount: sampleCount, sampleRateHz: sampleRateHz, seconds: seconds)
    transform = try RealFFT(count: segments.length)
    window = KaiserWindow.weights(count: segments.length, beta: Self.beta)
    power = PowerSpectrum(
      sampleCount: segments.length, sampleRateHz: sampleRateHz,
      meanSquaredWeight: window.reduce(0) { $0 + Double($1) * Double($1) } / Double(window.count))
  }

  /// Whether a line of the spectrum lies in the band.
  func resolves(_ bandHz: ClosedRange<Double>) -> Bool { !power.bins(bandHz).isEmpty }

  /// The mean over the segments of what `measure` sums from each one's spectrum.
  func meanSquare(of samples: UnsafeBufferPointer<Float>, _ measure: (PowerSpectrum) -> Double) -> Double {
    guard let base = samples.baseAddress else { return 0 }
    let sum = segments.starts.reduce(0.0) { sum, start in
      _ = Kernels.centre(base + start, into: transform.samples, count: segments.length)
      weigh(transform.samples)
      transform.transform()
      power.update(fromWeighted: transform.spectrum)
      return sum + measure(power)
    }
    return sum / Double(segments.starts.count)
  }

  private func weigh(_ samples: UnsafeMutablePointer<Float>) {
    window.withUnsafeBufferPointer { window in
      for n in 0..<window.count { samples[n] *= window[n] }
    }
  }
}
