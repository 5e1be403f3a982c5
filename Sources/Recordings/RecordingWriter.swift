/// Samples as the bytes of a file that `Recording` reads back.
package struct WrittenRecording: Sendable {
  package let bytes: [UInt8]
  /// Value = number in the file × `scale`; 1 but for whole numbers.
  package let scale: Double

  /// - Parameters:
  ///   - samples: finite.
  ///   - facts: a WAV and a universal file keep them all, comma-separated values the heading, other formats none.
  package init(_ samples: [Float], as format: RecordingFormat, _ facts: RecordingFacts) {
    scale = format == .i16 ? Self.wholeNumberScale(samples) : 1
    bytes =
      switch format {
      case .f32: LittleEndian.bytes(samples.map(\.bitPattern))
      case .i16: Self.wholeNumbers(samples, scale)
      case .wav: WAVFile.bytes(samples, facts)
      case .csv: Array((facts.heading + "\n" + samples.map { "\($0)\n" }.joined()).utf8)
      case .uff58: UFF58File.bytes(samples, facts)
      }
  }

  /// The largest magnitude becomes the largest number.
  private static func wholeNumberScale(_ samples: [Float]) -> Double {
    let largest = samples.reduce(Float(0)) { max($0, abs($1)) }
    return largest > 0 ? Double(largest) / Double(Int16.max) : 1
  }

  private static func wholeNumbers(_ samples: [Float], _ scale: Double) -> [UInt8] {
    LittleEndian.bytes(samples.map { Int16((Double($0) / scale).rounded()) })
  }
}

/// What a file may say of its samples.
package struct RecordingFacts: Sendable {
  package var sampleRateHz: Double
  /// UCUM.
  package var unit: String
  /// Of what it is.
  package var name: String
  /// RFC 3339, of the last sample; empty: unknown.
  package var time: String
  /// One line, as further remarks.
  package var remarks: String

  package init(sampleRateHz: Double, unit: String, name: String, time: String = "", remarks: String = "") {
    (self.sampleRateHz, self.unit, self.name, self.time, self.remarks) = (sampleRateHz, unit, name, time, remarks)
  }

  /// A name for a column.
  var heading: String { "\(name)_\(unit)" }

  /// Unit, scale and rate in words: what the numbers of a file mean.
  var meaning: String { "1 in the file is 1 \(unit) (UCUM); \(sampleRateHz) samples a second" }
}

enum LittleEndian {
  static func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
  }
}
