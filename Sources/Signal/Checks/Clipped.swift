/// The signal ran against a rail: its extreme value is hit again and again, in flat tops, while hardly a sample lies just inside it.
/// The last condition tells a rail from a coarse converter, whose neighbouring steps are hit nearly as often.
/// A top cut off between two samples only is not seen.
enum Clipped: SampleCheck {
  /// This many times as many samples on the rail as just inside it.
  static let leastExcess = 3
  /// Just inside: this part of the whole range, or 2½ steps of the converter, up to the second part.
  static let insidePart: ClosedRange<Float> = 0.005...0.1

  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    isRail(samples.maximum, samples) || isRail(samples.minimum, samples) ? .clipped : nil
  }

  private static func isRail(_ rail: Float, _ samples: SurveyedSamples) -> Bool {
    let onRail = samples.count(within: rail...rail)
    let thresholds = samples.thresholds
    guard Double(onRail) >= thresholds.clippedPart * Double(samples.samples.count), onRail >= thresholds.clippedPlaces + 2
    else { return false }
    let (threes, step) = (threesInARow(at: rail, samples.samples), step(from: rail, samples.samples))
    let range = samples.maximum - samples.minimum
    let depth = min(max(2.5 * step, insidePart.lowerBound * range), insidePart.upperBound * range)
    let inside = samples.count(within: rail - depth...rail + depth) - onRail
    return threes >= thresholds.clippedPlaces && onRail >= leastExcess * inside
  }

  /// Neighbours at the rail, as often as three of them can be found: one long flat top of a slow signal counts as much as many short
  /// ones of a fast one.
  private static func threesInARow(at rail: Float, _ samples: UnsafeBufferPointer<Float>) -> Int {
    var (threes, run) = (0, 0)
    for sample in samples {
      run = sample == rail ? run + 1 : 0
      if run >= 3 { threes += 1 }
    }
    return threes
  }

  /// Distance from the rail to the nearest other value.
  private static func step(from rail: Float, _ samples: UnsafeBufferPointer<Float>) -> Float {
    samples.reduce(Float.infinity) { nearest, sample in sample == rail ? nearest : min(nearest, abs(sample - rail)) }
  }
}
