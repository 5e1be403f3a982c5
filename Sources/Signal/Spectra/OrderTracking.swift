extension SpectrumRequest {
  /// Turns of the shaft in a segment, where nothing else is asked for: as many as in a second, but eight at least.
  private static let leastTurns = 8.0

  /// The spectrum over the shaft's angle: frequencies are what the orders are at the mean speed.
  func orderTracked(_ samples: [Float], _ sampleRateHz: Double, _ shaft: ShaftAngle) throws(SignalError) -> SpectrumReport {
    let orders = try spectrum(of: samples, sampleRateHz, shaft)
    let highestHz = Double(orders.rms.count - 1) * orders.resolutionHz
    return SpectrumReport(
      orders.request, quantity: unit.quantity.rawValue, unit: unit.rawValue, measured: .rms, window: window,
      resolutionHz: orders.resolutionHz, averages: orders.averages, bandHz: 0...highestHz, amplitude: orders.rms)
  }

  /// The same of the envelope, which is taken of the whole recording before: resonances stay at their frequencies while the
  /// shaft's speed changes, what they repeat follows it (Randall, Antoni, MSSP 25, 2011, section 5). Without a band all of it,
  /// whitened.
  func orderTrackedEnvelope(
    _ samples: [Float], _ sampleRateHz: Double, _ shaft: ShaftAngle
  ) throws(SignalError) -> SpectrumReport {
    let demodulation = try demodulation(samples, sampleRateHz)
    let envelope = demodulation.envelope ?? BandEnvelope(bandHz: nil, isWhitened: true, isSquared: isSquared)
    let values = try envelope.values(demodulation.samples, sampleRateHz: sampleRateHz)
    let orders = try spectrum(of: values, sampleRateHz, shaft)
    return SpectrumReport(
      orders.request, quantity: isSquared ? "squared_envelope" : "envelope", unit: isSquared ? unit.squaredCode : unit.rawValue,
      measured: .peak, window: window, resolutionHz: orders.resolutionHz, averages: orders.averages,
      bandHz: envelope.bandHz ?? 0.01 * sampleRateHz...0.49 * sampleRateHz,
      amplitude: orders.rms.map { $0 * Float(2).squareRoot() },
      bandKurtosis: demodulation.kurtosis)
  }

  private typealias Orders = (
    request: SpectrumRequest, resolutionHz: Double, averages: Int, rms: [Float]
  )

  private func spectrum(
    of samples: [Float], _ sampleRateHz: Double, _ shaft: ShaftAngle
  ) throws(SignalError) -> Orders {
    let tracked = try AngularResampling(of: samples, sampleRateHz: sampleRateHz, shaft: shaft)
    let rateHz = Double(tracked.samplesPerTurn) * tracked.meanSpeedHz
    let turns = try turnsOfSegment(tracked)
    let spectrum = try tracked.samples.withUnsafeBufferPointer { buffer throws(SignalError) in
      try AmplitudeSpectrum(of: buffer, sampleRateHz: rateHz, segment: turns * tracked.samplesPerTurn, window: window)
    }
    var request = self
    (request.shaftHz, request.speedsHz) = (tracked.meanSpeedHz, tracked.speedsHz)
    let last = min(spectrum.rms.count, Int(tracked.highestOrder * Double(turns)) + 1)
    return (request, spectrum.resolutionHz, spectrum.averages, spectrum.rms.prefix(last).map { Float($0) })
  }

  /// Whole turns, so that every order lies on a line.
  private func turnsOfSegment(_ tracked: AngularResampling) throws(SignalError) -> Int {
    guard let segmentSeconds else {
      return min(tracked.turns, Int(max(Self.leastTurns, tracked.meanSpeedHz.rounded(.up))))
    }
    let wanted = max(1, (segmentSeconds * tracked.meanSpeedHz).rounded())
    guard wanted <= Double(tracked.turns) else {
      let object = "by segments of \(segmentSeconds.short) s"
      throw SignalError(
        "take order spectrum", object, reason: "that is \(wanted.short) turns, the shaft is followed for \(tracked.turns)")
    }
    return Int(wanted)
  }
}

/// How fast the shaft turned, and how that is known.
package struct SpectrumSpeed: Sendable, Equatable, Encodable {
  package enum Source: String, Sendable, Encodable {
    /// Declared by whoever asked; counted from a tacho's pulses; recorded beside the samples; estimated from them.
    case given, tacho, profile, estimated
  }

  /// Revolutions per minute, the mean where it changed; `nil` where it was estimated and the estimate is not believed.
  package let rpm: Double?
  /// Slowest and fastest, where it was followed.
  package let rangeRpm: [Double]?
  /// Of an estimate, 0 to 1.
  package let confidence: Double?
  package let source: Source
}
