/// The first column of a table of numbers; a first line that is no number is a heading.
enum CSVColumn {
  static func read(_ bytes: [UInt8], _ scale: Double) throws(RecordingError) -> [Float] {
    var samples: [Float] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let cell = line.prefix { !",;\t\r".utf8.contains($0) }
      let text = String(decoding: cell, as: UTF8.self).filter { $0 != " " }
      if text.isEmpty { continue }
      if let value = Double(text), value.isFinite {
        samples.append(Float(value * scale))
      } else if index > 0 {
        throw RecordingError(reason: "line \(index + 1): expected a number, got \"\(text.prefix(40))\"")
      }
    }
    return samples
  }
}
