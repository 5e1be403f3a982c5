/// What is to be seen of a recording.
package struct SpectrumRequest: Sendable {
  package enum Kind: String, Sendable, CaseIterable, Encodable {
    /// Lines of the samples in their own unit.
    case power
    /// The same in mm/s and in µm.
    case velocity, displacement
    /// Repetition of impacts: the envelope's lines, every line of the samples weighed alike before.
    case envelope
    /// As `power`, over multiples of the shaft's speed: of a constant one, or of the one that was followed.
    case order
  }

  package enum Detection: String, Sendable, CaseIterable, Encodable { case rms, peak }

  package var kind: Kind
  package var unit: SignalUnit
  package var window = SpectrumWindow.hann
  /// `nil` for what is usual: peak for envelopes, RMS for all others.
  package var detection: Detection?
  /// Envelopes only: the square of it.
  package var isSquared = false
  /// Envelopes only: whose. `nil`: of nearly all, weighed alike segment by segment and cut off at three times its median.
  package var band: EnvelopeBand?
  /// Envelopes only: every line of the whole recording weighed alike first.
  package var isPrewhitened = false
  /// `nil` for 1 s, or the whole recording when that is shorter.
  package var segmentSeconds: Double?
  /// Revolutions per second, above 0.
  package var shaftHz: Double?
  package var multiples: BearingMultiples?
  /// The shaft's course, for an order spectrum, or one of the envelope, over its angle.
  package var shaft: ShaftAngle?
  package var speedSource = SpectrumSpeed.Source.given
  /// Of an estimated speed; below `SpeedEstimate.leastConfidence` there is no `shaftHz`.
  package var speedConfidence: Double?
  var speedsHz: ClosedRange<Double>?
  /// What the samples were divided by before, a power of two.
  var scale: Float = 1

  package init(kind: Kind, unit: SignalUnit) {
    self.kind = kind
    self.unit = unit
  }
}

extension SpectrumRequest {
  /// - Parameters:
  ///   - samples: one constant rate, in `unit`, up to `SampleChecks.largestMagnitude`.
  ///   - sampleRateHz: above 0, finite.
  package func report(_ samples: [Float], sampleRateHz: Double) throws(SignalError) -> SpectrumReport {
    let peak = try peak(samples)
    guard peak > 0, !Self.plainPeaks.contains(peak) else { return try measure(samples, sampleRateHz) }
    var request = self
    request.scale = Float(sign: .plus, exponent: peak.exponent, significand: 1)
    return try request.measure(samples.map { $0 / request.scale }, sampleRateHz)
  }

  /// Of these, the squares of a squared envelope's lines are far from both ends of single precision. Others are divided by a power
  /// of two before, which costs no digit, and the report's amplitudes multiplied by it.
  private static let plainPeaks: ClosedRange<Float> = 1e-5...1e5

  private func peak(_ samples: [Float]) throws(SignalError) -> Float {
    var peak: Float = 0
    for (index, sample) in samples.enumerated() {
      guard sample.isFinite else {
        throw SignalError("take spectrum", "of \(samples.count) samples", reason: "sample \(index + 1) is not a number")
      }
      peak = max(peak, abs(sample))
    }
    return peak
  }

  private func measure(_ samples: [Float], _ sampleRateHz: Double) throws(SignalError) -> SpectrumReport {
    if kind == .order, shaft == nil, shaftHz == nil {
      let reason = speedConfidence.map {
        "the shaft's own lines do not tell its speed (confidence \($0.short), \(SpeedEstimate.leastConfidence) is needed)"
      }
      throw SignalError(
        "take order spectrum", "of \(samples.count) samples", reason: (reason ?? "no speed is known") + ": give one")
    }
    if kind == .order, let shaft { return try orderTracked(samples, sampleRateHz, shaft) }
    if kind == .envelope, let shaft { return try orderTrackedEnvelope(samples, sampleRateHz, shaft) }
    return kind == .envelope ? try envelope(samples, sampleRateHz) : try lines(samples, sampleRateHz)
  }

  private func lines(_ samples: [Float], _ sampleRateHz: Double) throws(SignalError) -> SpectrumReport {
    let segment = try segment(of: samples.count, sampleRateHz)
    let spectrum = try samples.withUnsafeBufferPointer { buffer throws(SignalError) in
      try AmplitudeSpectrum(of: buffer, sampleRateHz: sampleRateHz, segment: segment, window: window)
    }
    let quantity: SignalUnit.Quantity = kind == .velocity ? .velocity : kind == .displacement ? .displacement : unit.quantity
    let isConverted = kind == .velocity || kind == .displacement
    let rms = isConverted ? spectrum.rms(as: quantity, from: unit) : spectrum.rms
    let lowestHz = isConverted && quantity != unit.quantity ? AmplitudeSpectrum.lowestIntegratedHz : 0
    return SpectrumReport(
      self, quantity: quantity.rawValue, unit: isConverted ? quantity.workingUnit : unit.rawValue, measured: .rms,
      window: window, resolutionHz: spectrum.resolutionHz, averages: spectrum.averages,
      bandHz: lowestHz...max(sampleRateHz / 2, lowestHz), amplitude: rms.map { Float($0) })
  }

  /// Segments of the block analysis: a second each. As the daemon sees it where neither band nor whitening was asked for.
  private func envelope(_ samples: [Float], _ sampleRateHz: Double) throws(SignalError) -> SpectrumReport {
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: sampleRateHz)
    let demodulation = try demodulation(samples, sampleRateHz)
    let spectrum = try demodulation.samples.withUnsafeBufferPointer { buffer throws(SignalError) in
      try demodulation.envelope?.spectrum(buffer, sampleRateHz: sampleRateHz) ?? analyzer.envelopeSpectrum(buffer)
    }
    return SpectrumReport(
      self, quantity: isSquared ? "squared_envelope" : "envelope", unit: isSquared ? unit.squaredCode : unit.rawValue,
      measured: .peak, window: .rectangular, resolutionHz: spectrum.resolutionHz, averages: spectrum.averages,
      bandHz: spectrum.bandHz, amplitude: spectrum.amplitude, bandKurtosis: demodulation.kurtosis)
  }

  private func segment(of sampleCount: Int, _ sampleRateHz: Double) throws(SignalError) -> Int {
    let wanted = ((segmentSeconds ?? 1) * sampleRateHz / 2).rounded()
    guard wanted >= 4, wanted <= Double(1 << 25) else {
      let object = "by segments of \(segmentSeconds ?? 1) s at \(sampleRateHz) Hz"
      throw SignalError("take spectrum", object, reason: "8 to \(1 << 26) samples can be used")
    }
    let whole = sampleCount / 2 * 2
    if segmentSeconds != nil, Int(wanted) * 2 > whole {
      let reason = "the recording holds \(sampleCount) samples, a segment would be \(Int(wanted) * 2)"
      throw SignalError("take spectrum", "by segments of \(segmentSeconds ?? 1) s", reason: reason)
    }
    return min(Int(wanted) * 2, whole)
  }
}

extension SignalUnit.Quantity {
  fileprivate var workingUnit: String {
    switch self {
    case .acceleration: "m/s2"
    case .velocity: "mm/s"
    case .displacement: "um"
    }
  }
}

extension SignalUnit {
  /// UCUM: `g2`, `(m/s2)2`.
  var squaredCode: String { rawValue.contains("/") ? "(\(rawValue))2" : "\(rawValue)2" }
}
