import Signal

/// Makes of a channel's numbers what the channel is declared to measure.
struct Assembly: Sendable {
  /// `nil`: each message says.
  var sampleRateHz: Double?

  /// What a message says once for all its channels.
  struct Origin {
    var time: UnixTime?
    var sequence: UInt64?
    /// Shaft speed, revolutions per minute.
    var speedRPM: Double?
    /// Of waveforms whose channel declares none.
    var unit: SignalUnit?
    var sampleRateHz: Double?
    var receivedAt: UnixTime
  }

  /// - Parameters:
  ///   - samples: scaled; at least one.
  ///   - digest: of the samples as they came.
  func measurement(
    _ channel: PayloadFormat.Channel, _ samples: [Float], digest: UInt64, _ origin: Origin
  ) throws(PayloadError) -> Measurement {
    if case .scalar(let quantity, let unit) = channel.measures {
      let mean = samples.reduce(0) { $0 + Double($1) } / Double(samples.count)
      return .reading(reading(mean, quantity, unit, at: origin.time, origin))
    }
    guard let rate = sampleRateHz ?? origin.sampleRateHz else { throw .wrongRate("the message says no rate") }
    if case .pulses(let perTurn) = channel.measures { return speed(samples, rate, perTurn, origin) }
    guard let unit = channel.unit ?? origin.unit else { throw .wrongUnit("the message says no unit") }
    return .waveform(
      Frame(
        samples: samples, unit: unit, sampleRateHz: rate, startTime: origin.time, sequence: origin.sequence,
        speedRPM: origin.speedRPM, receivedAt: origin.receivedAt, sampleDigest: digest))
  }

  /// Of the middle of the block.
  private func speed(_ samples: [Float], _ rate: Double, _ pulsesPerTurn: Double, _ origin: Origin) -> Measurement {
    guard let speed = Tachometer.speedRPM(samples, sampleRateHz: rate, pulsesPerTurn: pulsesPerTurn) else {
      return .unusable(.noPulses("\(samples.count) samples hold no two pulses at a steady speed"))
    }
    let middle = origin.time?.advanced(bySeconds: Double(samples.count) / rate / 2)
    return .reading(reading(speed, .speed, .perMinute, at: middle, origin))
  }

  private func reading(
    _ value: Double, _ quantity: ScalarQuantity, _ unit: ScalarUnit, at time: UnixTime?, _ origin: Origin
  ) -> Reading {
    Reading(
      value: value, unit: unit, quantity: quantity, time: time, sequence: origin.sequence, receivedAt: origin.receivedAt)
  }
}
