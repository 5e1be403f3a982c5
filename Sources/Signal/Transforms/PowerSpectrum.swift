/// One-sided power spectral density behind a periodic Hann window: the same figures as SciPy's
/// `periodogram(x, fs, window="hann", detrend="constant")` where the mean was removed before.
final class PowerSpectrum {
  /// count/2 + 1 bins, unit²/Hz; their sum times the resolution is the variance of the samples under the window.
  var density: UnsafePointer<Float> { UnsafePointer(bins) }
  let binCount: Int
  /// Hz from bin to bin.
  let resolutionHz: Double

  private let bins: UnsafeMutablePointer<Float>
  /// 2 / (rate · Σ window²), where Σ window² of the periodic Hann window is 3/8 of the count.
  private let scale: Float

  /// - Parameter sampleCount: even.
  init(sampleCount: Int, sampleRateHz: Double) {
    binCount = sampleCount / 2 + 1
    resolutionHz = sampleRateHz / Double(sampleCount)
    scale = Float(2 / (sampleRateHz * 0.375 * Double(sampleCount)))
    bins = .allocate(capacity: binCount)
    bins.initialize(repeating: 0, count: binCount)
  }

  deinit { bins.deallocate() }

  /// - Parameter spectrum: bins 0 … count/2 of the samples without a window.
  func update(from spectrum: UnsafePointer<Complex>) {
    Kernels.hannDensity(spectrum, into: bins, half: binCount - 1, scale: scale)
  }
}
