/// The envelope of the band between two bins: magnitude of the analytic signal, and the spectrum of that magnitude.
///
/// The inverse transform has fewer inputs than half its length, so its even and its odd samples are one transform of half the
/// length each, the odd ones with every input turned by half a sample. The band is moved down to bin 0, which leaves the magnitude
/// as it is. (Thinning the envelope itself is not exact: a magnitude is not band-limited.)
final class Envelope {
  /// Spectrum of the envelope, whose samples are `fft.samples`; see `amplitude(_:)`.
  private let fft: RealFFT
  /// Bins of the samples' spectrum that make the envelope.
  let band: ClosedRange<Int>

  private let inverse: ComplexFFT
  private let input, even, odd: AlignedArray<Complex>

  /// - Parameters:
  ///   - sampleCount: even.
  ///   - band: within 1 ..< sampleCount/2, at most sampleCount/2 bins.
  init(sampleCount: Int, band: ClosedRange<Int>) throws(SignalError) {
    let half = sampleCount / 2
    guard band.lowerBound >= 1, band.upperBound < half else {
      throw SignalError("take envelope", "bins \(band)", reason: "only bins 1 ..< \(half) can be used")
    }
    self.band = band
    fft = try RealFFT(count: sampleCount)
    inverse = try ComplexFFT(count: half, .inverse)
    input = try AlignedArray(count: half)
    even = try AlignedArray(count: half)
    odd = try AlignedArray(count: half)
  }

  /// - Parameters:
  ///   - spectrum: bins 0 … count/2 of the samples without a window.
  ///   - limit: the envelope is cut off at this many times its median; `nil`: it is not.
  func update(from spectrum: UnsafePointer<Complex>, limit: Float? = nil) {
    input.base.update(from: spectrum + band.lowerBound, count: band.count)
    inverse.transform(input, into: even)
    Kernels.multiply(input.base, fft.twiddles, into: input.base, count: band.count)
    inverse.transform(input, into: odd)
    Kernels.interleaveMagnitudes(even: even.base, odd: odd.base, into: fft.samples, count: fft.count / 2)
    if let limit { cutOff(at: limit * median) }
    fft.transformPairs()
  }

  private var median: Float {
    let sorted = UnsafeBufferPointer(start: fft.samples, count: fft.count).sorted()
    return 0.5 * (sorted[fft.count / 2 - 1] + sorted[fft.count / 2])
  }

  private func cutOff(at highest: Float) {
    for n in 0..<fft.count { fft.samples[n] = min(fft.samples[n], highest) }
  }

  /// Amplitude (peak) of the envelope's line k, 0 < k < count/2, in the samples' unit.
  func amplitude(_ k: Int) -> Float { squaredMagnitude(k).squareRoot() * amplitudeScale }

  /// The same before root and scale: enough to find the largest of several lines.
  func squaredMagnitude(_ k: Int) -> Float {
    let bin = fft.bin(k)
    return bin.x * bin.x + bin.y * bin.y
  }

  /// 2/count for the one-sided amplitude, and 2/count for the analytic signal.
  var amplitudeScale: Float { 4 / (Float(fft.count) * Float(fft.count)) }
}
