/// The spectrum of a band's envelope, or of its square, over segments of one second: the square of an analytic signal's magnitude
/// is band-limited, so its lines are sharp where those of the magnitude have spurious ones (Randall, Antoni, MSSP 25, 2011).
struct BandEnvelope {
  /// `nil` for that of `BlockAnalyzer`'s envelope: nearly all.
  var bandHz: ClosedRange<Double>?
  /// Every line of the band weighed alike before, segment by segment.
  var isWhitened: Bool
  var isSquared: Bool

  /// The band of `BlockAnalyzer`'s envelope, as parts of half the sampling rate.
  private static let widest = 0.02...0.98

  /// - Parameter samples: a second or more.
  /// - Returns: amplitudes (peak) in the unit or its square.
  func spectrum(_ samples: UnsafeBufferPointer<Float>, sampleRateHz: Double) throws(SignalError) -> EnvelopeSpectrumResult {
    let segments = Segments(sampleCount: samples.count, sampleRateHz: sampleRateHz)
    let resolution = sampleRateHz / Double(segments.length)
    let bins = try bins(half: segments.length / 2, resolution)
    let demodulation = try Demodulation(count: segments.length, bins: bins, isWhitened: isWhitened, isSquared: isSquared)
    var amplitude = [Float](repeating: 0, count: segments.length / 2)
    guard let base = samples.baseAddress else { throw SignalError("take envelope", "of nothing", reason: "no samples") }
    for start in segments.starts { demodulation.add(base + start, to: &amplitude, share: 1 / Float(segments.starts.count)) }
    let bandHz = Double(bins.lowerBound) * resolution...Double(bins.upperBound) * resolution
    return EnvelopeSpectrumResult(
      resolutionHz: resolution, bandHz: bandHz, amplitude: amplitude, averages: segments.starts.count)
  }

  /// The envelope itself, of the whole recording at once: as many samples, but for an odd last one.
  /// - Parameter samples: 16 to 2²⁶.
  func values(_ samples: [Float], sampleRateHz: Double) throws(SignalError) -> [Float] {
    let count = samples.count / 2 * 2
    guard (16...1 << 26).contains(count) else {
      throw SignalError("take envelope", "of \(samples.count) samples", reason: "16 to \(1 << 26) are needed")
    }
    let bins = try bins(half: count / 2, sampleRateHz / Double(count))
    let demodulation = try Demodulation(count: count, bins: bins, isWhitened: isWhitened, isSquared: isSquared)
    samples.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { demodulation.demodulate(base) }
    }
    return demodulation.values
  }

  private func bins(half: Int, _ resolution: Double) throws(SignalError) -> ClosedRange<Int> {
    guard let bandHz else {
      let bin = { (part: Double) in Int((Double(half) * part).rounded()) }
      return bin(Self.widest.lowerBound)...bin(Self.widest.upperBound)
    }
    let limit = Double(half)
    let first = Int(max(1, min((bandHz.lowerBound / resolution).rounded(.up), limit)))
    let last = Int(max(0, min((bandHz.upperBound / resolution).rounded(.down), limit - 1)))
    guard last - first >= 4, Double(last - first) * resolution >= 4 else {
      let object = "of \(bandHz.lowerBound.short) to \(bandHz.upperBound.short) Hz"
      let reason = "a band of 5 Hz or more below \((limit * resolution).short) Hz is needed"
      throw SignalError("take envelope", object, reason: reason)
    }
    return first...last
  }

  /// Plans and scratch for one length of segment.
  private final class Demodulation {
    private let count: Int
    private let bins: ClosedRange<Int>
    private let isSquared: Bool
    private let fft, ofEnvelope: RealFFT
    private let inverse: ComplexFFT
    private let input, analytic: AlignedArray<Complex>
    private let whitening: Whitening?

    init(count: Int, bins: ClosedRange<Int>, isWhitened: Bool, isSquared: Bool) throws(SignalError) {
      (self.count, self.bins, self.isSquared) = (count, bins, isSquared)
      (fft, ofEnvelope) = (try RealFFT(count: count), try RealFFT(count: count))
      inverse = try ComplexFFT(count: count, .inverse)
      (input, analytic) = (try AlignedArray(count: count), try AlignedArray(count: count))
      whitening = isWhitened ? try Whitening(band: bins) : nil
    }

    var values: [Float] { Array(UnsafeBufferPointer(start: ofEnvelope.samples, count: count)) }

    /// The analytic signal is 2/count times the inverse transform of the band.
    func demodulate(_ samples: UnsafePointer<Float>) {
      _ = Kernels.centre(samples, into: fft.samples, count: count)
      fft.transform()
      let lines = whitening?.whiten(fft.spectrum) ?? fft.spectrum
      for k in bins { input.base[k] = lines[k] * (2 / Float(count)) }
      inverse.transform(input, into: analytic)
      for n in 0..<count {
        let square = (analytic.base[n] * analytic.base[n]).sum()
        ofEnvelope.samples[n] = isSquared ? square : square.squareRoot()
      }
    }

    /// A line's amplitude is 2/count times its magnitude.
    func add(_ samples: UnsafePointer<Float>, to amplitude: inout [Float], share: Float) {
      demodulate(samples)
      _ = Kernels.centre(ofEnvelope.samples, into: ofEnvelope.samples, count: count)
      ofEnvelope.transform()
      for k in 1..<amplitude.count {
        let bin = ofEnvelope.spectrum[k]
        amplitude[k] += share * 2 / Float(count) * (bin * bin).sum().squareRoot()
      }
    }
  }
}
