import Signal

/// What a point's samples looked like just now, for people who want to see them.
package struct LatestSamples: Sendable {
  /// Contiguous, oldest first, in `unit`.
  package let samples: [Float]
  package let sampleRateHz: Double
  package let unit: SignalUnit
  /// When the newest frame of them was taken, or else received.
  package let time: UnixTime?
  /// As the frame told it, or else as the machine is declared.
  package let speedRPM: Double?
  /// In orders of the shaft.
  package let bearing: BearingMultiples?
}

extension SampleStream {
  /// The longest contiguous stretch at hand, at most so many samples, an even number.
  func latest(atMost limit: Int) -> [Float] {
    let ring = block.held >= window.held ? block : window
    let count = min(ring.held, limit) & ~1
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      ring.copyLatest(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      filled = count
    }
  }
}
