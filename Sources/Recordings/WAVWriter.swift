extension WAVFile {
  /// 32-bit floats (WAVE_FORMAT_IEEE_FLOAT), one channel, values in the unit as they are. What they mean stands in a LIST chunk of
  /// type INFO (Multimedia Programming Interface and Data Specifications 1.0, chapter 2) behind them: INAM what it is, ICRD when,
  /// ICMT unit, scale and rate, ISFT who wrote it. The format itself knows whole rates only.
  static func bytes(_ samples: [Float], _ facts: RecordingFacts) -> [UInt8] {
    let rate = UInt32(max(1, min(facts.sampleRateHz.rounded(), Double(UInt32.max / 4))))
    let format =
      LittleEndian.bytes([UInt16(3), 1]) + LittleEndian.bytes([rate, rate * 4]) + LittleEndian.bytes([UInt16(4), 32])
    let head = chunk("fmt ", format) + chunk("fact", LittleEndian.bytes([UInt32(samples.count)]))
    let data = chunk("data", LittleEndian.bytes(samples.map(\.bitPattern)))
    return chunk("RIFF", Array("WAVE".utf8) + head + data + information(facts))
  }

  private static func information(_ facts: RecordingFacts) -> [UInt8] {
    let entries = [
      ("INAM", facts.name), ("ICRD", facts.time), ("ICMT", facts.meaning + (facts.remarks.isEmpty ? "" : "; \(facts.remarks)")),
      ("ISFT", "thrum"),
    ]
    return chunk(
      "LIST", Array("INFO".utf8) + entries.filter { !$0.1.isEmpty }.flatMap { chunk($0.0, Array($0.1.utf8.prefix(2000)) + [0]) })
  }

  /// Begins at an even place.
  private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    Array(name.utf8) + LittleEndian.bytes([UInt32(clamping: body.count)]) + body + (body.count.isMultiple(of: 2) ? [] : [0])
  }
}
