/// An IEPE sensor is coupled so that no constant comes through; a mean far from zero is its bias voltage gone wrong (cable
/// open or shorted). Asked only where the range is declared.
enum Bias: SampleCheck {
  /// Of the declared range, the mean's magnitude.
  static let leastPartOfRange = 0.5
  /// Of the RMS around the mean.
  static let leastTimesRMS = 3.0

  static func fault(in samples: SurveyedSamples) -> SampleFault? {
    guard let range = samples.measuringRange else { return nil }
    let count = Double(samples.samples.count)
    let mean = samples.samples.reduce(0) { $0 + Double($1) } / count
    guard abs(mean) > leastPartOfRange * range else { return nil }
    let meanSquare = samples.samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    return abs(mean) > leastTimesRMS * meanSquare.squareRoot() ? .bias : nil
  }
}
