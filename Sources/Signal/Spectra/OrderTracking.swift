extension SpectrumRequest {
  /// Turns of the shaft in a segment, where nothing else is asked for: as many as in a second, but eight at least.
  private static let leastTurns = 8.0

  /// The spectrum over the shaft's angle: frequencies are what the orders are at the mean speed.
  func orderTracked(_ samples: [Float], _ sampleRateHz: Double, _ shaft: ShaftAngle) throws(SignalError) -> SpectrumReport {
    let tracked = try AngularResampling(of: samples, sampleRateHz: sampleRateHz, shaft: shaft)
    let rateHz = Double(tracked.samplesPerTurn) * tracked.meanSpeedHz
    let turns = try turnsOfSegment(tracked)
    let spectrum = try tracked.samples.withUnsafeBufferPointer { buffer throws(SignalError) in
      try AmplitudeSpectrum(of: buffer, sampleRateHz: rateHz, segment: turns * tracked.samplesPerTurn, window: window)
    }
    var request = self
    (request.shaftHz, request.speedsHz) = (tracked.meanSpeedHz, tracked.speedsHz)
    let last = min(spectrum.rms.count, Int(tracked.highestOrder * Double(turns)) + 1)
    return SpectrumReport(
      request, quantity: unit.quantity.rawValue, unit: unit.rawValue, measured: .rms, window: window,
      resolutionHz: spectrum.resolutionHz, averages: spectrum.averages,
      bandHz: 0...Double(last - 1) * spectrum.resolutionHz, amplitude: spectrum.rms.prefix(last).map { Float($0) })
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
