import Glibc

/// Where the power lies and how it is spread, over the bins of the density without DC: mean and standard deviation of frequency
/// weighed by power, entropy of that weight over the bins (C. E. Shannon, 1948) as a part of its largest value, and flatness, the
/// geometric over the arithmetic mean (J. D. Johnston, IEEE J. Sel. Areas Commun. 6, 1988). All 0 for a constant signal.
struct SpectralShape: FeatureExtractor {
  static let names = ["spectral_centroid_hz", "spectral_spread_hz", "spectral_entropy", "spectral_flatness"]
  static let descriptions = [
    FeatureDescription("Σ f·P / Σ P", unit: "Hz", source: "Lei, 2017"),
    FeatureDescription("√(Σ (f − centroid)²·P / Σ P)", unit: "Hz", source: "Lei, 2017"),
    FeatureDescription("−Σ p ln p / ln n, p = P / Σ P over n bins", unit: "1", source: "Shannon, Bell Syst. Tech. J. 27, 1948"),
    FeatureDescription("geometric over arithmetic mean of P", unit: "1", source: "Johnston, IEEE J. Sel. Areas Commun. 6, 1988"),
  ]

  private let count: Int

  init(_ shape: WindowShape) { count = shape.nyquistBin }

  func extract(from window: WindowTransforms, into features: UnsafeMutablePointer<Float>) {
    let sums = Kernels.spectralSums(window.power.density, count: count)
    guard sums.power > 0 else { return features.update(repeating: 0, count: Self.names.count) }
    let (bins, resolution) = (Double(count), window.power.resolutionHz)
    let mean = sums.first / sums.power
    features[0] = Float(mean * resolution)
    features[1] = Float(max(0, sums.second / sums.power - mean * mean).squareRoot() * resolution)
    features[2] = Float((log(sums.power) - sums.powerLog / sums.power) / log(bins))
    features[3] = Float(exp(sums.log / bins) / (sums.power / bins))
  }
}
