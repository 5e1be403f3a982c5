import Signal

/// Samples one after the other behind an optional header of fixed length, which is little-endian whatever the samples are.
/// Several channels take turns, sample by sample.
package struct RawBlock: PayloadDecoder {
  package static var kinds: [String] { RawEncoding.allCases.map(\.rawValue) }

  private let encoding: RawEncoding
  private let channels: [PayloadFormat.Channel]
  private let assembly: Assembly
  private let header: PayloadFormat.Header

  package init(_ format: PayloadFormat) throws(PayloadFormatError) {
    guard let encoding = RawEncoding(rawValue: format.kind) else {
      throw PayloadFormatError(key: "payload", reason: "\(format.kind) is no raw block")
    }
    channels = format.allChannels
    if let channel = channels.first(where: { $0.isRead && $0.measures == .waveform && $0.unit == nil }) {
      let name = channel.name.map { " of channel \($0)" } ?? ""
      throw PayloadFormatError(key: "unit", reason: "needed: a raw block does not say its unit\(name)")
    }
    if format.sampleRateHz == nil, channels.contains(where: { !$0.measures.isScalar }) {
      throw PayloadFormatError(key: "sample_rate_hz", reason: "needed: a raw block does not say its rate")
    }
    try Self.check(format.header)
    (self.encoding, header) = (encoding, format.header)
    assembly = Assembly(sampleRateHz: format.sampleRateHz)
  }

  package func decode(_ payload: UnsafeRawBufferPointer, receivedAt: UnixTime) throws(PayloadError) -> [Measurement] {
    let block = try samplesBytes(of: payload)
    let origin = Assembly.Origin(time: startTime(in: payload), sequence: sequence(in: payload), receivedAt: receivedAt)
    guard channels.count > 1 else { return [try measurement(channels[0], block, origin)] }
    var measured: [Measurement] = []
    for (index, channel) in channels.enumerated() where channel.isRead {
      let own = bytes(ofChannel: index, in: block)
      let result = own.withUnsafeBytes { bytes in
        Result { () throws(PayloadError) in try measurement(channel, bytes, origin) }
      }
      measured.append(try result.get())
    }
    return measured
  }

  private func measurement(
    _ channel: PayloadFormat.Channel, _ block: UnsafeRawBufferPointer, _ origin: Assembly.Origin
  ) throws(PayloadError) -> Measurement {
    let samples = try encoding.samples(of: block, scale: channel.scale)
    return try assembly.measurement(channel, samples, digest: Digest64.of(block), origin)
  }

  /// The channel's samples one after the other, as they came.
  private func bytes(ofChannel index: Int, in block: UnsafeRawBufferPointer) -> [UInt8] {
    let (size, stride) = (encoding.bytesPerSample, encoding.bytesPerSample * channels.count)
    let count = block.count / stride
    return [UInt8](unsafeUninitializedCapacity: count * size) { bytes, initialized in
      let target = UnsafeMutableRawBufferPointer(bytes)
      for turn in 0..<count {
        for byte in 0..<size { target[turn * size + byte] = block[turn * stride + index * size + byte] }
      }
      initialized = count * size
    }
  }

  /// What follows the header: one or more whole samples of every channel.
  private func samplesBytes(of payload: UnsafeRawBufferPointer) throws(PayloadError) -> UnsafeRawBufferPointer {
    guard !payload.isEmpty else { throw .emptyPayload }
    guard payload.count > header.bytes else {
      throw .wrongLength("\(payload.count) bytes leave no samples behind a header of \(header.bytes)")
    }
    let block = UnsafeRawBufferPointer(rebasing: payload[header.bytes...])
    guard block.count.isMultiple(of: encoding.bytesPerSample * channels.count) else {
      let turns = channels.count == 1 ? "" : " of \(channels.count) channels"
      throw .wrongLength("\(block.count) bytes are not whole samples of \(encoding.bytesPerSample)\(turns)")
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
