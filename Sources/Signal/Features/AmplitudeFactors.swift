/// How peaked the mean-free samples are, against their mean magnitude rather than their RMS (the dimensionless amplitude parameters
/// of condition monitoring; Y. Lei, "Intelligent Fault Diagnosis and Remaining Useful Life Prediction", 2017, table 2.1).
/// 0 for a constant signal.
struct AmplitudeFactors: FeatureExtractor {
  static let names = ["peak_to_peak", "shape_factor", "impulse_factor", "clearance_factor"]
  static let descriptions = [
    FeatureDescription("max x − min x", unit: "x", source: "ISO 2041:2018"),
    FeatureDescription("rms / mean abs x", unit: "1", source: "Lei, 2017"),
    FeatureDescription("peak / mean abs x", unit: "1", source: "Lei, 2017"),
    FeatureDescription("peak / (mean √abs x)²", unit: "1", source: "Lei, 2017"),
  ]

  init(_ shape: WindowShape) {}

  func extract(from window: WindowTransforms, into features: UnsafeMutablePointer<Float>) {
    let (m, magnitudes) = (window.moments, window.magnitudes)
    let moves = magnitudes.mean > 0
    features[0] = magnitudes.range
    features[1] = moves ? m.rms / magnitudes.mean : 0
    features[2] = moves ? m.peak / magnitudes.mean : 0
    features[3] = moves ? m.peak / (magnitudes.meanRoot * magnitudes.meanRoot) : 0
  }
}
