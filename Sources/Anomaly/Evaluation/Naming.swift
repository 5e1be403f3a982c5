import Signal

/// The part at fault, from the whole recording; `nil`: rather silent than wrong, or too short for a diagnosis.
/// - Parameter shaftHz: revolutions per second, above 0.
package func namedFault(samples: [Float], rate: Double, shaftHz: Double, multiples: BearingMultiples) -> NamedFault? {
  let needed = DiagnosisBlock(shaftHz: shaftHz, multiples: multiples)
  guard Double(samples.count) >= rate * needed.seconds,
    let analyzer = try? BlockAnalyzer(sampleCount: samples.count, sampleRateHz: rate, segmentSeconds: needed.segmentSeconds)
  else { return nil }
  let spectrum = samples.withUnsafeBufferPointer { analyzer.envelopeSpectrum($0) }
  return FaultLines.name(FaultLines.find(in: spectrum, shaftHz: shaftHz, multiples: multiples))
}

/// What naming said of a recording; `null` in JSON when it kept silent.
package struct NamingAnswer: Sendable, Equatable, Encodable {
  package var fault: NamedFault?

  /// `nil` where naming does not apply: no bearing lines, no speed, or no whole second.
  init?(_ stretch: RecordedStretch) {
    guard let multiples = stretch.bearing, let rpm = stretch.speedRPM, rpm > 0, let samples = stretch.snapshots.first,
      stretch.snapshots.count == 1, Double(samples.count) >= stretch.sampleRateHz
    else { return nil }
    fault = namedFault(samples: samples, rate: stretch.sampleRateHz, shaftHz: rpm / 60, multiples: multiples)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let fault { try container.encode(fault.rawValue) } else { try container.encodeNil() }
  }
}
