/// Root mean square, peak, and shape of the distribution of the mean-free samples.
/// Kurtosis is 3 for a Gaussian, and like crest and skewness 0 for a constant signal.
struct Moments: FeatureExtractor {
  static let names = ["rms", "peak", "crest", "kurtosis", "skewness"]
  static let descriptions = [
    FeatureDescription("√m₂", unit: "x", source: "ISO 2041:2018"),
    FeatureDescription("max abs x", unit: "x", source: "ISO 2041:2018"),
    FeatureDescription("peak / rms", unit: "1", source: "ISO 2041:2018"),
    FeatureDescription("m₄ / m₂², 3 for a Gaussian", unit: "1", source: "Dyer, Stewart, J. Mech. Des. 100, 1978"),
    FeatureDescription("m₃ / m₂^1.5", unit: "1", source: "Pearson, Phil. Trans. R. Soc. A 186, 1895"),
  ]

  init(_ shape: WindowShape) {}

  func extract(from window: WindowTransforms, into features: UnsafeMutablePointer<Float>) {
    let m = window.moments
    let moves = m.m2 > 0
    features[0] = m.rms
    features[1] = m.peak
    features[2] = moves ? m.peak / m.rms : 0
    features[3] = moves ? m.m4 / (m.m2 * m.m2) : 0
    features[4] = moves ? m.m3 / (m.m2 * m.m2.squareRoot()) : 0
  }
}
