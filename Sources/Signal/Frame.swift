/// One measuring position and direction on a machine, as people name it: `machine/point`.
package struct PointID: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let machine: String
  package let point: String

  package init(machine: String, point: String) {
    self.machine = machine
    self.point = point
  }

  package var description: String { "\(machine)/\(point)" }
  package static func < (a: Self, b: Self) -> Bool { (a.machine, a.point) < (b.machine, b.point) }
}

/// One block of samples as it arrived: one point, one rate, contiguous in time.
package struct Frame: Sendable {
  /// Samples in `unit`, in order of time.
  package var samples: [Float]
  package var unit: SignalUnit
  /// Samples per second, above 0.
  package var sampleRateHz: Double
  /// When the first sample was taken, as the source says; `nil` when it does not.
  package var startTime: UnixTime?
  /// The source's own running number; `nil` when it has none.
  package var sequence: UInt64?
  /// Shaft speed that came with the samples, revolutions per minute.
  package var speedRPM: Double?
  /// When the message reached this gateway.
  package var receivedAt: UnixTime
  /// `Digest64` of the samples' bytes as they came, without any header.
  package var sampleDigest: UInt64

  package init(
    samples: [Float], unit: SignalUnit, sampleRateHz: Double, startTime: UnixTime? = nil, sequence: UInt64? = nil,
    speedRPM: Double? = nil, receivedAt: UnixTime, sampleDigest: UInt64
  ) {
    self.samples = samples
    self.unit = unit
    self.sampleRateHz = sampleRateHz
    self.startTime = startTime
    self.sequence = sequence
    self.speedRPM = speedRPM
    self.receivedAt = receivedAt
    self.sampleDigest = sampleDigest
  }

  /// Seconds from the first sample to the one that would follow the last.
  package var durationSeconds: Double { Double(samples.count) / sampleRateHz }
}
