/// RMS of any bands of a block, in the samples' unit, at any rate. Every band has segments of twenty periods of its own beginning, as
/// far as the block is long: what lies below a band that begins at half a hertz is told from it as sharply as elsewhere.
/// Owns plans and scratch memory: one thread uses it at a time.
package final class BandAnalyzer {
  private let sampleRateHz: Double
  /// By the length that was wanted for segments.
  private let spectra: [Double: BandSpectra]

  /// - Parameters:
  ///   - sampleCount: a second or more.
  ///   - bandsHz: all that will be asked for; from 0 on, rising.
  package init(sampleCount: Int, sampleRateHz: Double, bandsHz: [ClosedRange<Double>]) throws(SignalError) {
    var spectra: [Double: BandSpectra] = [:]
    for band in bandsHz where spectra[BandSpectra.seconds(lowestHz: band.lowerBound)] == nil {
      spectra[BandSpectra.seconds(lowestHz: band.lowerBound)] = try BandSpectra(
        sampleCount: sampleCount, sampleRateHz: sampleRateHz, lowestHz: band.lowerBound)
    }
    (self.spectra, self.sampleRateHz) = (spectra, sampleRateHz)
  }

  /// - Parameters:
  ///   - samples: as many as were announced, finite.
  ///   - bandHz: one of those that were announced.
  /// - Returns: `nil` where half the sampling rate is below the band's end, or the band lies between two lines of the spectrum.
  package func rms(_ samples: UnsafeBufferPointer<Float>, bandHz: ClosedRange<Double>) -> Double? {
    guard sampleRateHz >= 2 * bandHz.upperBound, let spectra = spectra[BandSpectra.seconds(lowestHz: bandHz.lowerBound)],
      spectra.resolves(bandHz)
    else { return nil }
    return spectra.meanSquare(of: samples) { $0.meanSquare(bandHz: bandHz) }.squareRoot()
  }
}
