/// A single sample far from all its neighbours: a bit that flipped, a discharge into the cable. A real impact makes the machine
/// ring, so its neighbours move too. Only the frame's largest and smallest value are looked at.
enum Spikes: SampleCheck {
  /// Neighbours on either side.
  static let reach = 8

  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    isSpike(samples.maximum, samples) || isSpike(samples.minimum, samples) ? .spikes : nil
  }

  private static func isSpike(_ value: Float, _ surveyed: SurveyedSamples) -> Bool {
    let (samples, thresholds) = (surveyed.samples, surveyed.thresholds)
    guard let index = samples.firstIndex(of: value), index >= reach, index + reach < samples.count else { return false }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * reach) { buffer in
      var deviations = buffer
      for step in 1...reach {
        deviations[2 * step - 2] = samples[index - step]
        deviations[2 * step - 1] = samples[index + step]
      }
      deviations.sort()
      let middle = deviations[reach]
      for i in deviations.indices { deviations[i] = abs(deviations[i] - middle) }
      deviations.sort()
      // Neighbours that do not move at all tell nothing about how far is far.
      let (deviation, largest) = (abs(value - middle), deviations[2 * reach - 1])
      return largest > 0 && Double(deviation) > thresholds.spikeTimesMedian * Double(deviations[reach])
        && Double(deviation) > thresholds.spikeTimesLargest * Double(largest)
    }
  }
}
