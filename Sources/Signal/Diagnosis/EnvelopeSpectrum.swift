/// One-sided amplitude (peak) spectrum of an envelope, in the unit of its samples.
package struct EnvelopeSpectrumResult: Sendable {
  /// Hz from bin to bin.
  package let resolutionHz: Double
  /// The band whose envelope it is.
  package let bandHz: ClosedRange<Double>
  /// Bin k at k · resolution; bin 0 is 0.
  package let amplitude: [Float]
  /// Spectra that it is the mean of, 1 or more.
  package let averages: Int
  /// Beyond it stands nothing but rounding: the width of the band, of a squared envelope.
  package let highestHz: Double

  package init(
    resolutionHz: Double, bandHz: ClosedRange<Double>, amplitude: [Float], averages: Int = 1, highestHz: Double = .infinity
  ) {
    self.highestHz = highestHz
    self.resolutionHz = resolutionHz
    self.bandHz = bandHz
    self.amplitude = amplitude
    self.averages = averages
  }

  /// The most bins an event carries.
  package static let reportedBins = 512

  /// The spectrum up to a frequency, thinned to at most 512 bins: each is the highest of those it stands for, so that no line
  /// is lost. Bin j stands at (j + 1) · resolution, DC is left out.
  package func report(upToHz: Double) -> (resolutionHz: Double, amplitude: [Float]) {
    let last = max(1, min(amplitude.count - 1, Int(upToHz / resolutionHz)))
    let width = (last + Self.reportedBins - 1) / Self.reportedBins
    let thinned = stride(from: 1, through: last, by: width).map { amplitude[$0...min($0 + width - 1, last)].max() ?? 0 }
    return (resolutionHz * Double(width), thinned)
  }
}
