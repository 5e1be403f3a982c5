/// A value beyond what the sensor is declared to measure: asked only where the range is.
enum OutOfRange: SampleCheck {
  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    guard let range = samples.measuringRange else { return nil }
    return Double(max(samples.maximum, -samples.minimum)) > range ? .range : nil
  }
}
