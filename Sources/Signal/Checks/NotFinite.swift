/// An infinity or a NaN among the samples: no figure could be trusted.
enum NotFinite: SampleCheck {
  static func fault(in samples: SurveyedSamples) -> SampleFault? { samples.notFinite > 0 ? .notFinite : nil }
}
