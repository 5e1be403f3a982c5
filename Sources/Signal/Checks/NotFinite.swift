/// An infinity or a NaN among the samples, or a magnitude so large that sums of its squares may be one: no figure could be trusted.
enum NotFinite: SampleCheck {
  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    let isWithin = max(samples.maximum, -samples.minimum) <= SampleChecks.largestMagnitude
    return samples.notFinite > 0 || !isWithin ? .notFinite : nil
  }
}
