import Foundation

/// The sensors of the tests: raw blocks of 256 samples at 2560 Hz in m/s², numbered in a header of four bytes.
enum Plant {
  static let rateHz = 2560.0
  static let samples = 256

  /// The configuration that reads them.
  static func configuration(broker: String, _ lines: [String] = [], machines: [String] = []) -> String {
    """
    [broker]
    url = "\(broker)"
    \(lines.filter { !$0.hasPrefix("[") && !$0.isEmpty }.joined(separator: "\n"))

    \(lines.filter { $0.hasPrefix("[") }.joined(separator: "\n"))

    [alarms]
    off_delay_s = 0

    [[source]]
    topic = "plant/{machine}/{point}/vib"
    payload = "f32le"
    unit = "m/s2"
    sample_rate_hz = 2560
    header_bytes = 4
    sequence_at = 0
    window_samples = 256
    overlap = 0
    baseline_windows = 0

    \(machines.map { "[[machine]]\nname = \"\($0)\"\nseverity = \"iso20816-3/group2/rigid\"\n" }.joined(separator: "\n"))
    """
  }

  static func topic(_ machine: String, _ point: String = "de") -> String { "plant/\(machine)/\(point)/vib" }

  /// One block: a tone of 159.155 Hz, whose velocity in mm/s is its acceleration in m/s² (both RMS), and a little noise of its own.
  static func frame(_ sequence: Int, velocityRMS: Double = 1, samples count: Int = samples) -> [UInt8] {
    var noise = UInt64(truncatingIfNeeded: sequence) &* 0x9E37_79B9_7F4A_7C15 | 1
    let values = (0..<count).map { index in
      noise ^= noise << 13; noise ^= noise >> 7; noise ^= noise << 17
      let time = Double(sequence * count + index) / rateHz
      return Float(velocityRMS * 2.0.squareRoot() * sin(1000 * time) + Double(noise % 1000) / 1e5)
    }
    return block(sequence, values)
  }

  static func block(_ sequence: Int, _ values: [Float]) -> [UInt8] {
    bytes(UInt32(truncatingIfNeeded: sequence)) + values.flatMap { bytes($0.bitPattern) }
  }

  private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
}

/// Whether the long variants are wanted too.
let isThorough = ProcessInfo.processInfo.environment["THRUM_TESTS"] == "all"
