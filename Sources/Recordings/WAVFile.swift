/// RIFF WAVE (Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0, 1991): PCM of 16, 24 or 32 bits
/// or 32-bit floats, the first channel.
enum WAVFile {
  private struct Form {
    let isFloat: Bool
    let channels: Int
    let sampleRateHz: Int
    let bytesPerSample: Int
  }

  static func read(_ bytes: [UInt8], _ scale: Double) throws(RecordingError) -> Recording {
    guard text(bytes, 0) == "RIFF", text(bytes, 8) == "WAVE" else { throw RecordingError(reason: "is no WAV file") }
    var form: Form?
    var offset = 12
    while offset + 8 <= bytes.count {
      let body = offset + 8
      let end = min(body + integer(bytes, offset + 4, 4), bytes.count)
      switch (text(bytes, offset), form) {
      case ("fmt ", _): form = try self.form(bytes[body..<end])
      case ("data", let form?):
        return Recording(samples: samples(bytes[body..<end], form, scale), sampleRateHz: Double(form.sampleRateHz))
      default: break
      }
      offset = end + (end - body) % 2
    }
    throw RecordingError(reason: "has no samples behind a format")
  }

  private static func form(_ chunk: ArraySlice<UInt8>) throws(RecordingError) -> Form {
    let bytes = Array(chunk)
    guard bytes.count >= 16 else { throw RecordingError(reason: "has a format of \(bytes.count) bytes, expected 16") }
    let tag = integer(bytes, 0, 2)
    // WAVE_FORMAT_EXTENSIBLE: the real tag stands in the sub-format.
    let kind = tag == 0xFFFE && bytes.count >= 26 ? integer(bytes, 24, 2) : tag
    let form = Form(
      isFloat: kind == 3, channels: integer(bytes, 2, 2), sampleRateHz: integer(bytes, 4, 4),
      bytesPerSample: integer(bytes, 14, 2) / 8)
    guard form.channels > 0, form.sampleRateHz > 0,
      kind == 1 ? (2...4).contains(form.bytesPerSample) : kind == 3 && form.bytesPerSample == 4
    else { throw RecordingError(reason: "expected PCM of 16, 24 or 32 bits or 32-bit floats") }
    return form
  }

  private static func samples(_ data: ArraySlice<UInt8>, _ form: Form, _ scale: Double) -> [Float] {
    let bytes = Array(data)
    let step = form.channels * form.bytesPerSample
    let bits = 8 * form.bytesPerSample
    return stride(from: 0, to: bytes.count - step + 1, by: step).map { offset in
      let raw = integer(bytes, offset, form.bytesPerSample)
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
