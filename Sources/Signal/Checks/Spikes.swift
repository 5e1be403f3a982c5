/// A single sample far from all its neighbours: a bit that flipped, a discharge into the cable. A real impact makes the machine
/// ring, so its neighbours move too. Only the frame's largest and smallest value are looked at.
enum Spikes: SampleCheck {
  /// Neighbours on either side.
  static let reach = 8
  /// Times the median deviation of the neighbours from their median.
  static let leastTimesMedian: Float = 20
  /// Times their largest deviation.
  static let leastTimesLargest: Float = 5

  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    isSpike(samples.maximum, samples.samples) || isSpike(samples.minimum, samples.samples) ? .spikes : nil
  }

  private static func isSpike(_ value: Float, _ samples: UnsafeBufferPointer<Float>) -> Bool {
    guard let index = samples.firstIndex(of: value), index >= reach, index + reach < samples.count else { return false }
    let neighbours = (1...reach).flatMap { [samples[index - $0], samples[index + $0]] }
    let middle = neighbours.sorted()[reach]
    let deviations = neighbours.map { abs($0 - middle) }.sorted()
    let deviation = abs(value - middle)
    // Neighbours that do not move at all tell nothing about how far is far.
    guard let largest = deviations.last, largest > 0 else { return false }
    return deviation > leastTimesMedian * deviations[reach] && deviation > leastTimesLargest * largest
  }
}
