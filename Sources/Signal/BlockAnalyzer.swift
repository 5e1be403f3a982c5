/// What needs a longer stretch than a window: severity and diagnosis, on blocks of at least one second.
///
/// A block is cut into segments of one second that overlap by half and cover it evenly; spectra are averaged over them
/// (P. D. Welch, IEEE Trans. Audio Electroacoust. 15, 1967), so that the resolution is 1 Hz whatever the block's length.
/// The diagnosis of slow shafts asks for longer segments. Velocity has spectra of its own, as fine as the block allows.
/// Owns plans and scratch memory: one worker uses it at a time.
package final class BlockAnalyzer {
  package let sampleCount: Int
  package let sampleRateHz: Double

  private let segments: Segments
  private let transform: RealFFT
  private let power: PowerSpectrum
  private let whitening: Whitening
  private let envelope: Envelope
  private let velocityBandHz: ClosedRange<Double>
  /// Made when velocity is first asked for; `nil` where memory does not suffice.
  private lazy var bandSpectra = try? BandSpectra(
    sampleCount: sampleCount, sampleRateHz: sampleRateHz, lowestHz: velocityBandHz.lowerBound)

  /// The band that is demodulated, as parts of half the sampling rate: nearly all of it, for whitening weighs every line alike.
  private static let envelopeBand = 0.02...0.98

  /// Below, a second holds too few samples for the envelope of its band; above, no sensor of vibration samples.
  package static let ratesHz = 64.0...1e7

  /// - Parameters:
  ///   - sampleCount: a second or more.
  ///   - sampleRateHz: within `ratesHz`.
  ///   - velocityBandHz: of `velocityRMS`; ten periods of its lower edge must fit into the block.
  ///   - segmentSeconds: of each segment, 1 up to the block's length.
  package init(
    sampleCount: Int, sampleRateHz: Double, velocityBandHz: ClosedRange<Double> = VelocityBand.usualHz, segmentSeconds: Double = 1
  ) throws(SignalError) {
    try Self.check(sampleCount, sampleRateHz)
    self.sampleCount = sampleCount
    self.sampleRateHz = sampleRateHz
    self.velocityBandHz = velocityBandHz
    segments = Segments(sampleCount: sampleCount, sampleRateHz: sampleRateHz, seconds: segmentSeconds)
    transform = try RealFFT(count: segments.length)
    power = PowerSpectrum(sampleCount: segments.length, sampleRateHz: sampleRateHz)
    let half = Double(segments.length / 2)
    let band = Int((half * Self.envelopeBand.lowerBound).rounded())...Int((half * Self.envelopeBand.upperBound).rounded())
    whitening = try Whitening(band: band)
    envelope = try Envelope(sampleCount: segments.length, band: band)
  }

  private static func check(_ sampleCount: Int, _ sampleRateHz: Double) throws(SignalError) {
    guard ratesHz.contains(sampleRateHz) else {
      let reason = "a rate from \(Int(ratesHz.lowerBound)) Hz to \(Int(ratesHz.upperBound / 1e6)) MHz is needed"
      let remedy = "sample at another rate, or look at its power spectrum and the features of its windows, which any rate has"
      throw SignalError("analyse block", "at \(sampleRateHz) Hz", reason: "\(reason); \(remedy)")
    }
    guard Double(sampleCount) >= sampleRateHz.rounded(.down) else {
      let seconds = (Double(sampleCount) / sampleRateHz).short
      let reason = "it lasts \(seconds) s, at least 1 s is needed; take a longer one"
      throw SignalError("analyse block", "of \(sampleCount) samples at \(sampleRateHz) Hz", reason: reason)
    }
  }

  /// Velocity RMS in its band in mm/s, of samples in any of the units.
  /// - Returns: `nil` where half the sampling rate is below the band's end, or the block holds fewer than ten periods of its
  ///   beginning: the band would not be whole.
  package func velocityRMS(_ samples: UnsafeBufferPointer<Float>, unit: SignalUnit) -> Double? {
    guard carriesVelocityBand else { return nil }
    return bandSpectra?.meanSquare(of: samples) {
      VelocityBand.meanSquare(of: $0, bandHz: velocityBandHz, unit: unit)
    }.squareRoot()
  }

  /// Displacement RMS in the same band, µm: of slow machines it tells more than their velocity (ISO 20816-1).
  /// - Returns: `nil` where the band begins at 10 Hz or above, or `velocityRMS` says nothing.
  package func displacementRMS(_ samples: UnsafeBufferPointer<Float>, unit: SignalUnit) -> Double? {
    guard carriesVelocityBand, velocityBandHz.lowerBound < VelocityBand.usualHz.lowerBound else { return nil }
    return bandSpectra?.meanSquare(of: samples) {
      VelocityBand.displacementMeanSquare(of: $0, bandHz: velocityBandHz, unit: unit)
    }.squareRoot()
  }

  private var carriesVelocityBand: Bool {
    sampleRateHz >= 2 * velocityBandHz.upperBound
      && Double(sampleCount) * velocityBandHz.lowerBound >= 10 * sampleRateHz.rounded(.down)
  }

  /// Density of velocity, for the lines of shaft, gears and blades.
  package func velocityDensity(_ samples: UnsafeBufferPointer<Float>, unit: SignalUnit) -> VelocityDensity {
    var density = [Float](repeating: 0, count: power.binCount)
    let share = 1 / Double(segments.starts.count)
    let first = Int((VelocityDensity.lowestHz / power.resolutionHz).rounded(.up))
    forEachSpectrum(of: samples) { spectrum in
      power.update(from: spectrum)
      for k in first..<density.count { density[k] += Float(share * VelocityBand.density(of: power, bin: k, unit: unit)) }
    }
    return VelocityDensity(resolutionHz: power.resolutionHz, density: density)
  }

  /// The envelope is cut off at this many times its median. A Gaussian signal's rises above it once in 500 samples; a bearing's
  /// impacts come so often that little is lost, while a single bang, which would lift the floor under all lines, hardly counts
  /// (the aim of the log-envelope in P. Borghesani, J. Antoni, Mech. Syst. Signal Process. 90, 2017, with the unit kept).
  private static let envelopeLimit: Float = 3

  /// The envelope's amplitude spectrum, every line of the samples' own spectrum weighed alike before, single bangs limited.
  package func envelopeSpectrum(_ samples: UnsafeBufferPointer<Float>) -> EnvelopeSpectrumResult {
    var amplitude = [Float](repeating: 0, count: segments.length / 2)
    let share = 1 / Float(segments.starts.count)
    forEachSpectrum(of: samples) { spectrum in
      envelope.update(from: whitening.whiten(spectrum), limit: Self.envelopeLimit)
      for k in 1..<amplitude.count { amplitude[k] += share * envelope.amplitude(k) }
    }
    let resolution = power.resolutionHz
    let band = Double(envelope.band.lowerBound) * resolution...Double(envelope.band.upperBound) * resolution
    return EnvelopeSpectrumResult(
      resolutionHz: resolution, bandHz: band, amplitude: amplitude, averages: segments.starts.count)
  }

  /// The mean-free spectrum of each segment.
  private func forEachSpectrum(of samples: UnsafeBufferPointer<Float>, _ body: (UnsafePointer<Complex>) -> Void) {
    guard let base = samples.baseAddress, samples.count == sampleCount else {
      preconditionFailure("block of \(samples.count) samples, \(sampleCount) expected")
    }
    for start in segments.starts {
      _ = Kernels.centre(base + start, into: transform.samples, count: segments.length)
      transform.transform()
      body(transform.spectrum)
    }
  }
}

/// Stretches of a second or more, the first at the block's begin, the last at its end, overlapping by half or somewhat more.
struct Segments {
  /// Samples in each, even.
  let length: Int
  let starts: [Int]

  /// - Parameter seconds: of each; the whole block where it is shorter.
  init(sampleCount: Int, sampleRateHz: Double, seconds: Double = 1) {
    length = Int(min(sampleRateHz * max(1, seconds), Double(sampleCount))) / 2 * 2
    let room = sampleCount - length
    let hops = (room + length / 2 - 1) / (length / 2)
    starts = (0...hops).map { hops == 0 ? 0 : room * $0 / hops }
  }
}
