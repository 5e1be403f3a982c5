/// RIFF WAVE (Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0, 1991): PCM of 16, 24 or 32 bits
/// or 32-bit floats, one of the channels.
enum WAVFile {
  private struct Form {
    let isFloat: Bool
    let channels: Int
    let sampleRateHz: Int
    let bytesPerSample: Int
  }

  /// - Parameter channel: from 1 on.
  static func read(_ bytes: [UInt8], _ scale: Double, channel: Int) throws(RecordingError) -> Recording {
    guard text(bytes, 0) == "RIFF", text(bytes, 8) == "WAVE" else {
      throw RecordingError(reason: "is no WAV file; say what it is by --format")
    }
    var form: Form?
    var offset = 12
    while offset + 8 <= bytes.count {
      let body = offset + 8
      let end = min(body + integer(bytes, offset + 4, 4), bytes.count)
      switch (text(bytes, offset), form) {
      case ("fmt ", _): form = try self.form(bytes[body..<end])
      case ("data", let form?):
        try checkLength(integer(bytes, offset + 4, 4), bytes.count - body)
        guard channel <= form.channels else {
          throw RecordingError(reason: "has \(form.channels) channels, wanted \(channel); give --channel 1 to \(form.channels)")
        }
        let samples = samples(bytes, from: body, to: end, form, channel, scale)
        // A header without a rate leaves it to who reads it.
        return Recording(samples: samples, sampleRateHz: form.sampleRateHz > 0 ? Double(form.sampleRateHz) : nil)
      default: break
      }
      offset = end + (end - body) % 2
    }
    throw RecordingError(reason: "has no samples behind a format; copy or record it again")
  }

  private static func form(_ chunk: ArraySlice<UInt8>) throws(RecordingError) -> Form {
    guard chunk.count >= 16 else {
      throw RecordingError(reason: "has a format of \(chunk.count) bytes, expected 16; copy or record it again")
    }
    let bytes = Array(chunk.prefix(40))
    let tag = integer(bytes, 0, 2)
    // WAVE_FORMAT_EXTENSIBLE: the real tag stands in the sub-format.
    let kind = tag == 0xFFFE && bytes.count >= 26 ? integer(bytes, 24, 2) : tag
    let bits = integer(bytes, 14, 2)
    let form = Form(
      isFloat: kind == 3, channels: integer(bytes, 2, 2), sampleRateHz: integer(bytes, 4, 4),
      bytesPerSample: bits.isMultiple(of: 8) ? bits / 8 : 0)
    guard form.channels > 0,
      kind == 1 ? (2...4).contains(form.bytesPerSample) : kind == 3 && form.bytesPerSample == 4
    else { throw RecordingError(reason: "expected PCM of 16, 24 or 32 bits or 32-bit floats; convert it to one of them") }
    let frame = integer(bytes, 12, 2)
    guard frame == form.channels * form.bytesPerSample else {
      throw RecordingError(
        reason:
          "has \(frame) bytes a frame, expected \(form.channels * form.bytesPerSample) of \(form.channels) channels of \(bits) bits; record it again"
      )
    }
    return form
  }

  /// What records without an end in sight writes no length, or the greatest.
  private static func checkLength(_ said: Int, _ there: Int) throws(RecordingError) {
    guard said > there, said < 0xFFFF_FF00 else { return }
    throw RecordingError(reason: "says it has \(said) bytes of samples and has \(there): it was cut off; copy it again")
  }

  private static func samples(
    _ bytes: [UInt8], from start: Int, to end: Int, _ form: Form, _ channel: Int, _ scale: Double
  ) -> [Float] {
    let step = form.channels * form.bytesPerSample
    let bits = 8 * form.bytesPerSample
    return stride(from: start, to: end - step + 1, by: step).map { frame in
      let raw = integer(bytes, frame + (channel - 1) * form.bytesPerSample, form.bytesPerSample)
      if form.isFloat { return Float(Double(Float(bitPattern: UInt32(raw))) * scale) }
      let signed = raw >= 1 << (bits - 1) ? raw - 1 << bits : raw
      return Float(Double(signed) / Double(1 << (bits - 1)) * scale)
    }
  }

  private static func text(_ bytes: [UInt8], _ offset: Int) -> String {
    String(decoding: bytes.dropFirst(offset).prefix(4), as: UTF8.self)
  }

  /// Little-endian, without sign; what lies behind the end counts as 0.
  private static func integer(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | (offset + $1 < bytes.count ? Int(bytes[offset + $1]) << (8 * $1) : 0) }
  }
}
