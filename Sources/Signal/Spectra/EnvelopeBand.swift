/// The band of an envelope that an analyst asks for.
package enum EnvelopeBand: Sendable, Equatable {
  case fixed(ClosedRange<Double>)
  /// The most impulsive one, by the fast kurtogram.
  case kurtogram
}

extension SpectrumRequest {
  /// An envelope's spectrum reaches no further than its band is wide: so many harmonics of the bearing's highest line are to lie in it.
  private static let leastHarmonics = 3.0

  /// What is to be demodulated how; without an envelope, as the daemon does it.
  func demodulation(
    _ samples: [Float], _ sampleRateHz: Double
  ) throws(SignalError) -> (samples: [Float], envelope: BandEnvelope?, kurtosis: Double?) {
    let whitened = isPrewhitened ? try CepstralPrewhitening.whiten(samples) : samples
    switch band {
    case nil where isPrewhitened:
      return (whitened, BandEnvelope(bandHz: nil, isWhitened: false, isSquared: isSquared), nil)
    case nil:
      return (samples, isSquared ? BandEnvelope(bandHz: nil, isWhitened: true, isSquared: true) : nil, nil)
    case .fixed(let bandHz):
      return (whitened, BandEnvelope(bandHz: bandHz, isWhitened: false, isSquared: isSquared), nil)
    case .kurtogram:
      let best = try Kurtogram(of: whitened, sampleRateHz: sampleRateHz, leastWidthHz: leastWidthHz).best
      return (whitened, BandEnvelope(bandHz: best.rangeHz, isWhitened: false, isSquared: isSquared), best.kurtosis)
    }
  }

  private var leastWidthHz: Double {
    guard let multiples, let shaftHz = shaft?.speedsHz.upperBound ?? shaftHz else { return 0 }
    return Self.leastHarmonics * max(multiples.bpfo, multiples.bpfi, 2 * multiples.bsf) * shaftHz
  }
}
