/// A value beyond what the sensor is declared to measure, or beyond what any sensor measures in any unit.
enum OutOfRange: SampleCheck {
  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    Double(max(samples.maximum, -samples.minimum)) > min(samples.measuringRange ?? .infinity, SampleChecks.utmostMagnitude)
      ? .range : nil
  }
}
