/// Bit for bit the frame before: no sensor measures the same noise twice. A constant frame is `Stuck`'s to name.
enum Repeated: SampleCheck {
  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    samples.digest == samples.previousDigest && samples.changes > 0 ? .repeated : nil
  }
}
