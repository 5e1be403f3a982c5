/// The spectrum of the squared envelope of whitened segments of one second: the square of an analytic signal's magnitude is
/// band-limited, so its lines are sharp where those of the magnitude have spurious ones (Randall, Antoni, MSSP 25, 2011).
enum SquaredEnvelope {
  /// The band of `BlockAnalyzer`'s envelope, as parts of half the sampling rate.
  private static let band = 0.02...0.98

  /// - Parameter samples: a second or more.
  /// - Returns: amplitudes (peak) in unit².
  static func spectrum(_ samples: UnsafeBufferPointer<Float>, sampleRateHz: Double) throws(SignalError) -> EnvelopeSpectrumResult
  {
    let segments = Segments(sampleCount: samples.count, sampleRateHz: sampleRateHz)
    let half = Double(segments.length / 2)
    let bins = Int((half * band.lowerBound).rounded())...Int((half * band.upperBound).rounded())
    let demodulation = try Demodulation(count: segments.length, bins: bins)
    var amplitude = [Float](repeating: 0, count: segments.length / 2)
    guard let base = samples.baseAddress else { throw SignalError("take envelope", "of nothing", reason: "no samples") }
    for start in segments.starts { demodulation.add(base + start, to: &amplitude, share: 1 / Float(segments.starts.count)) }
    let resolution = sampleRateHz / Double(segments.length)
    let bandHz = Double(bins.lowerBound) * resolution...Double(bins.upperBound) * resolution
    return EnvelopeSpectrumResult(resolutionHz: resolution, bandHz: bandHz, amplitude: amplitude)
  }

  /// Plans and scratch for one length of segment.
  private final class Demodulation {
    private let count: Int
    private let bins: ClosedRange<Int>
    private let fft, ofEnvelope: RealFFT
    private let inverse: ComplexFFT
    private let input, analytic: AlignedArray<Complex>
    private let whitening: Whitening

    init(count: Int, bins: ClosedRange<Int>) throws(SignalError) {
      (self.count, self.bins) = (count, bins)
      (fft, ofEnvelope) = (try RealFFT(count: count), try RealFFT(count: count))
      inverse = try ComplexFFT(count: count, .inverse)
      (input, analytic) = (try AlignedArray(count: count), try AlignedArray(count: count))
      whitening = try Whitening(band: bins)
    }

    /// The analytic signal is 2/count times the inverse transform of the band, a line's amplitude 2/count times its magnitude.
    func add(_ samples: UnsafePointer<Float>, to amplitude: inout [Float], share: Float) {
      _ = Kernels.centre(samples, into: fft.samples, count: count)
      fft.transform()
      let white = whitening.whiten(fft.spectrum)
      for k in bins { input.base[k] = white[k] * (2 / Float(count)) }
      inverse.transform(input, into: analytic)
      for n in 0..<count { ofEnvelope.samples[n] = (analytic.base[n] * analytic.base[n]).sum() }
      ofEnvelope.transform()
      for k in 1..<amplitude.count {
        let bin = ofEnvelope.spectrum[k]
        amplitude[k] += share * 2 / Float(count) * (bin * bin).sum().squareRoot()
      }
    }
  }
}
