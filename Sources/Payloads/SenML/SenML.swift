import Signal

/// A pack of Sensor Measurement Lists (C. Jennings et al., RFC 8428). The records of one name are a waveform, evenly spaced in time,
/// or a slow value, of which the newest counts. Each channel's records are found by their name: the whole one or, behind a base
/// name, their own.
package struct SenML: PayloadDecoder {
  package static let kinds = ["senml", "senml-cbor"]

  private let isBinary: Bool
  private let sampleRateHz: Double?
  private let channels: [PayloadFormat.Channel]
  /// Of the channels that are read; empty: a single one, whatever its name.
  private let keys: [[UInt8]]

  package init(_ format: PayloadFormat) throws(PayloadFormatError) {
    channels = format.allChannels.filter(\.isRead)
    keys = channels.compactMap { ($0.samples ?? $0.name).map { Array($0.utf8) } }
    (isBinary, sampleRateHz) = (format.kind == "senml-cbor", format.sampleRateHz)
    guard format.header == PayloadFormat.Header() else {
      throw PayloadFormatError(key: "header_bytes", reason: "only raw samples have a header")
    }
    guard format.fields == PayloadFormat.Fields() else {
      throw PayloadFormatError(
        key: "fields", reason: "a SenML pack's fields have their names; channels say which records are read")
    }
    guard Set(keys).count == keys.count else {
      throw PayloadFormatError(key: "channels", reason: "each needs records of another name")
    }
  }

  package func decode(_ payload: UnsafeRawBufferPointer, receivedAt: UnixTime) throws(PayloadError) -> [Measurement] {
    guard !payload.isEmpty else { throw .emptyPayload }
    var pack = SenMLPack(keys: keys, scales: channels.map(\.scale))
    func take(_ record: SenMLRecord) throws(PayloadError) { try pack.take(record) }
    if isBinary { try SenMLBinary.read(payload, take) } else { try SenMLText.read(payload, take) }
    guard pack.series.contains(where: { !$0.samples.isEmpty }) else {
      throw .wrongLength("SenML: no record of a name that is read")
    }
    var measured: [Measurement] = []
    for (channel, series) in zip(channels, pack.series) {
      measured.append(try measurement(channel, series, receivedAt))
    }
    return measured
  }

  private func measurement(
    _ channel: PayloadFormat.Channel, _ series: SenMLSeries, _ receivedAt: UnixTime
  ) throws(PayloadError) -> Measurement {
    guard let newest = series.samples.last else {
      return .unusable(.wrongLength("SenML: no record named \(channel.samples ?? channel.name ?? "")"))
    }
    var origin = Assembly.Origin(receivedAt: receivedAt)
    if case .scalar(_, let declared) = channel.measures {
      try Self.check(series.unit, declared)
      origin.time = try series.last?.moment(receivedAt: receivedAt)
      return try Assembly().measurement(channel, [newest], digest: 0, origin)
    }
    origin.time = try series.first?.absolute()
    if channel.measures == .waveform { origin.unit = try Self.unit(series.unit, channel.unit) }
    let digest = series.samples.withUnsafeBytes { Digest64.of($0) }
    return try Assembly(sampleRateHz: try series.rate(declared: sampleRateHz))
      .measurement(channel, series.samples, digest: digest, origin)
  }

  private static func unit(_ code: [UInt8]?, _ declared: SignalUnit?) throws(PayloadError) -> SignalUnit {
    guard let code else {
      guard let declared else { throw .wrongUnit("the message says no unit") }
      return declared
    }
    guard let unit = SignalUnit(code: text(code)) else { throw .wrongUnit("unknown unit \(text(code.prefix(32)))") }
    if let declared, declared != unit { throw .wrongUnit("expected \(declared.rawValue), got \(unit.rawValue)") }
    return unit
  }

  private static func check(_ code: [UInt8]?, _ declared: ScalarUnit) throws(PayloadError) {
    guard let code, ScalarUnit(code: text(code)) != declared else { return }
    throw .wrongUnit("expected \(declared.rawValue), got \(text(code.prefix(32)))")
  }

  private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
