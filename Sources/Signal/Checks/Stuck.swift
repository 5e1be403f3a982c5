/// The signal does not move: a broken wire, a frozen converter, a gateway that repeats its last value.
/// Even a machine at rest shows the noise of its sensor.
enum Stuck: SampleCheck {
  /// All samples lie within this part of the largest magnitude: what is left when a constant was converted.
  static let leastRelativeRange: Float = 1e-6

  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    guard samples.samples.count > 1 else { return nil }
    let magnitude = max(abs(samples.minimum), abs(samples.maximum))
    let isFlat = samples.maximum - samples.minimum <= leastRelativeRange * magnitude
    let isHeld = Double(samples.changes) < samples.thresholds.stuckChangingPart * Double(samples.samples.count - 1)
    return isFlat || isHeld ? .stuck : nil
  }
}
