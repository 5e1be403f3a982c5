import Signal

/// Samples one after the other behind an optional header of fixed length, which is little-endian whatever the samples are.
package struct RawBlock: PayloadDecoder {
  package static var kinds: [String] { RawEncoding.allCases.map(\.rawValue) }

  private let encoding: RawEncoding
  private let unit: SignalUnit
  private let sampleRateHz: Double
  private let scale: Double
  private let header: PayloadFormat.Header

  package init(_ format: PayloadFormat) throws(PayloadFormatError) {
    guard let encoding = RawEncoding(rawValue: format.kind) else {
      throw PayloadFormatError(key: "payload", reason: "\(format.kind) is no raw block")
    }
    guard let unit = format.unit else {
      throw PayloadFormatError(key: "unit", reason: "needed: a raw block does not say its unit")
    }
    guard let rate = format.sampleRateHz else {
      throw PayloadFormatError(key: "sample_rate_hz", reason: "needed: a raw block does not say its rate")
    }
    try Self.check(format.header)
    (self.encoding, self.unit, sampleRateHz, scale, header) = (encoding, unit, rate, format.scale, format.header)
  }

  package func decode(_ payload: UnsafeRawBufferPointer, receivedAt: UnixTime) throws(PayloadError) -> Frame {
    let block = try samplesBytes(of: payload)
    return Frame(
      samples: try encoding.samples(of: block, scale: scale), unit: unit, sampleRateHz: sampleRateHz,
      startTime: startTime(in: payload),
      sequence: sequence(in: payload), receivedAt: receivedAt, sampleDigest: Digest64.of(block))
  }

  /// What follows the header: one or more whole samples.
  private func samplesBytes(of payload: UnsafeRawBufferPointer) throws(PayloadError) -> UnsafeRawBufferPointer {
    guard !payload.isEmpty else { throw .emptyPayload }
    guard payload.count > header.bytes else {
      throw .wrongLength("\(payload.count) bytes leave no samples behind a header of \(header.bytes)")
    }
    let block = UnsafeRawBufferPointer(rebasing: payload[header.bytes...])
    guard block.count.isMultiple(of: encoding.bytesPerSample) else {
      throw .wrongLength("\(block.count) bytes are not whole samples of \(encoding.bytesPerSample)")
    }
    return block
  }
}

// The header.
extension RawBlock {
  private static func check(_ header: PayloadFormat.Header) throws(PayloadFormatError) {
    let fields = [("sequence_at", header.sequenceAt, 4), ("time_at", header.timeAt, 8)]
    for case (let key, let offset?, let size) in fields where offset < 0 || offset + size > header.bytes {
      throw PayloadFormatError(key: key, reason: "its \(size) bytes from \(offset) on lie outside header_bytes = \(header.bytes)")
    }
  }

  private func sequence(in payload: UnsafeRawBufferPointer) -> UInt64? {
    header.sequenceAt.map { UInt64(payload.loadUnaligned(fromByteOffset: $0, as: UInt32.self)) }
  }

  private func startTime(in payload: UnsafeRawBufferPointer) -> UnixTime? {
    header.timeAt.map { UnixTime(nanoseconds: payload.loadUnaligned(fromByteOffset: $0, as: Int64.self)) }
  }
}
