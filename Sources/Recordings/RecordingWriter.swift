/// Samples as the bytes of a file that `Recording` reads back.
package struct WrittenRecording: Sendable {
  package let bytes: [UInt8]
  /// Value = number in the file × `scale`; 1 but for whole numbers.
  package let scale: Double

  /// - Parameters:
  ///   - samples: finite.
  ///   - sampleRateHz: only a WAV keeps it, as a whole number.
  /// - Returns: `nil` for a format that is only read.
  package init?(_ samples: [Float], as format: RecordingFormat, sampleRateHz: Double, heading: String) {
    scale = format == .i16 ? Self.wholeNumberScale(samples) : 1
    switch format {
    case .f32: bytes = Self.little(samples.map(\.bitPattern))
    case .i16:
      let scale = scale
      bytes = Self.little(samples.map { Int16((Double($0) / scale).rounded()) })
    case .wav: bytes = Self.wav(samples, UInt32(sampleRateHz.rounded()))
    case .csv: bytes = Array((heading + "\n" + samples.map { "\($0)\n" }.joined()).utf8)
    case .uff58: return nil
    }
  }

  /// The largest magnitude becomes the largest number.
  private static func wholeNumberScale(_ samples: [Float]) -> Double {
    let largest = samples.reduce(Float(0)) { max($0, abs($1)) }
    return largest > 0 ? Double(largest) / Double(Int16.max) : 1
  }

  /// 32-bit floats (WAVE_FORMAT_IEEE_FLOAT), one channel.
  private static func wav(_ samples: [Float], _ rate: UInt32) -> [UInt8] {
    let size = UInt32(samples.count * 4)
    let format = little([UInt16(3), 1]) + little([rate, rate * 4]) + little([UInt16(4), 32])
    let facts = chunk("fmt ", format, size: 16) + chunk("fact", little([UInt32(samples.count)]), size: 4)
    let data = chunk("data", little(samples.map(\.bitPattern)), size: size)
    return chunk("RIFF", Array("WAVE".utf8) + facts + data, size: UInt32(4 + facts.count + 8) + size)
  }

  private static func chunk(_ name: String, _ body: [UInt8], size: UInt32) -> [UInt8] { Array(name.utf8) + little([size]) + body }

  private static func little<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
  }
}
