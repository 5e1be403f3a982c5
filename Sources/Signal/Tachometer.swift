/// Shaft speed from the pulses of a tacho or key phasor that is sampled like any other signal.
package enum Tachometer {
  /// A pulse begins where the signal crosses the upper level on its way up, after it was below the lower one: two levels, so that
  /// noise on a slow edge is counted once (a Schmitt trigger). Parts of the block's whole range.
  static let levels: (lower: Float, upper: Float) = (0.4, 0.6)
  /// No interval may be this many times as long as the median one: a pulse was missed, or one too many was seen.
  static let mostIrregular = 1.6

  /// Mean speed over the block's whole pulse intervals.
  /// - Parameters:
  ///   - samples: in any unit, of either sign; finite.
  ///   - sampleRateHz: above 0.
  ///   - pulsesPerTurn: above 0.
  /// - Returns: revolutions per minute; `nil` where the block holds fewer than two pulses, or pulses that no shaft makes at a
  ///   steady speed: a standing shaft and a broken wire look alike.
  package static func speedRPM(_ samples: [Float], sampleRateHz: Double, pulsesPerTurn: Double) -> Double? {
    let edges = risingEdges(samples)
    guard let first = edges.first, let last = edges.last, edges.count > 1 else { return nil }
    let intervals = zip(edges.dropFirst(), edges).map { $0 - $1 }
    let median = intervals.sorted()[intervals.count / 2]
    guard intervals.allSatisfy({ $0 < mostIrregular * median && median < mostIrregular * $0 }) else { return nil }
    return 60 * sampleRateHz * Double(intervals.count) / (pulsesPerTurn * (last - first))
  }

  /// Where pulses begin, in samples, between two samples by straight line.
  private static func risingEdges(_ samples: [Float]) -> [Double] {
    guard let low = samples.min(), let high = samples.max(), low < high, (high - low).isFinite else { return [] }
    let (lower, upper) = (low + levels.lower * (high - low), low + levels.upper * (high - low))
    var edges: [Double] = []
    var isArmed = false
    for index in samples.indices.dropFirst() {
      if samples[index - 1] < lower { isArmed = true }
      guard isArmed, samples[index] >= upper else { continue }
      // The edge may have risen over several samples: the last step crosses the upper level.
      let step = samples[index] - samples[index - 1]
      edges.append(Double(index) - Double((samples[index] - upper) / step))
      isArmed = false
    }
    return edges
  }
}
