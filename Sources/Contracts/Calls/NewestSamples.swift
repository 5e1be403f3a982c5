import FoundationEssentials
import Signal

/// A point's newest samples, as the daemon holds them at this moment. Changes nothing: anybody may ask.
package struct NewestSamples: Call {
  package static let name = "newest-samples"
  package static let allowed = Set(Role.allCases)

  /// `machine/point`
  package var point: String

  package init(point: String) { self.point = point }

  package struct Reply: Codable, Sendable, Equatable {
    /// UCUM.
    package var unit: String
    package var sampleRateHz: Double
    /// Of the newest frame, taken or else received.
    package var time: UnixTime?
    /// As the frame told it, or else as the machine is declared.
    package var speedRpm: Double?
    /// BPFO, BPFI, BSF, FTF in orders of the shaft.
    package var bearing: [Double]?
    /// Base64 of little-endian float32, oldest first, without a gap.
    package var content: String

    package init(
      unit: String, sampleRateHz: Double, time: UnixTime?, speedRpm: Double?, bearing: BearingMultiples?, samples: [Float]
    ) {
      (self.unit, self.sampleRateHz, self.time, self.speedRpm) = (unit, sampleRateHz, time, speedRpm)
      self.bearing = bearing.map { [$0.bpfo, $0.bpfi, $0.bsf, $0.ftf] }
      let bytes = samples.flatMap { sample in withUnsafeBytes(of: sample.bitPattern.littleEndian) { Array($0) } }
      content = Data(bytes).base64EncodedString()
    }

    package var samples: [Float] {
      let bytes = [UInt8](Data(base64Encoded: content) ?? Data())
      return stride(from: 0, to: bytes.count / 4 * 4, by: 4).map { start in
        let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
        return Float(bitPattern: word)
      }
    }

    package var multiples: BearingMultiples? {
      guard let bearing, bearing.count == 4 else { return nil }
      return BearingMultiples(bpfo: bearing[0], bpfi: bearing[1], bsf: bearing[2], ftf: bearing[3])
    }
  }
}
