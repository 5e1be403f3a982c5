/// One-sided power spectral density behind a window, periodic Hann if no other is named: the same figures as SciPy's
/// `periodogram(x, fs, window="hann", detrend="constant")` where the mean was removed before.
final class PowerSpectrum {
  /// count/2 + 1 bins, unit²/Hz; their sum times the resolution is the variance of the samples under the window.
  var density: UnsafePointer<Float> { UnsafePointer(bins) }
  let binCount: Int
  /// Hz from bin to bin.
  let resolutionHz: Double

  private let bins: UnsafeMutablePointer<Float>
  /// 2 / (rate · Σ window²).
  private let scale: Float

  /// - Parameters:
  ///   - sampleCount: even.
  ///   - meanSquaredWeight: of the window; 3/8 is that of the periodic Hann window.
  init(sampleCount: Int, sampleRateHz: Double, meanSquaredWeight: Double = 0.375) {
    binCount = sampleCount / 2 + 1
    resolutionHz = sampleRateHz / Double(sampleCount)
    scale = Float(2 / (sampleRateHz * meanSquaredWeight * Double(sampleCount)))
    bins = .allocate(capacity: binCount)
    bins.initialize(repeating: 0, count: binCount)
  }

  deinit { bins.deallocate() }

  /// - Parameter spectrum: bins 0 … count/2 of the samples without a window.
  func update(from spectrum: UnsafePointer<Complex>) {
    Kernels.hannDensity(spectrum, into: bins, half: binCount - 1, scale: scale)
  }

  /// - Parameter spectrum: bins 0 … count/2 of samples that were weighted before.
  func update(fromWeighted spectrum: UnsafePointer<Complex>) {
    for k in 0..<binCount { bins[k] = scale * (spectrum[k].x * spectrum[k].x + spectrum[k].y * spectrum[k].y) }
    bins[0] *= 0.5
    bins[binCount - 1] *= 0.5
  }
}
