/// An IEPE sensor is coupled so that no constant comes through; a mean far from zero is its bias voltage gone wrong (cable
/// open or shorted). Asked only where the range is declared.
enum Bias: SampleCheck {
  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    guard let range = samples.measuringRange else { return nil }
    let count = Double(samples.samples.count)
    let mean = samples.samples.reduce(0) { $0 + Double($1) } / count
    guard abs(mean) > samples.thresholds.biasPartOfRange * range else { return nil }
    let meanSquare = samples.samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    return abs(mean) > samples.thresholds.biasTimesRMS * meanSquare.squareRoot() ? .bias : nil
  }
}
