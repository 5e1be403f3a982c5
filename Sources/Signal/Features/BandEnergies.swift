import Glibc

/// Natural logarithm of the energy (unit²) in sixteen equal bands from 0 to half the sampling rate; the DC bin is left out.
struct BandEnergies: FeatureExtractor {
  static let names = (0..<bandCount).map { "band_\($0)" }

  static let descriptions = [
    FeatureDescription(
      "ln(1e-12 + df · Σ P[k]) over sixteen equal bands of 0 … fs/2", count: bandCount, unit: "ln x²",
      ofConstant: "-27.6", source: "`bench/WORK.md`; P: Welch, IEEE Trans. Audio 15, 1967")
  ]

  private static let bandCount = 16
  /// The bin below each band, and the last bin of the last band.
  private let edges: [Int]

  init(_ shape: WindowShape) {
    edges = (0...Self.bandCount).map { shape.nyquistBin * $0 / Self.bandCount }
  }

  func extract(from window: WindowTransforms, into features: UnsafeMutablePointer<Float>) {
    let power = window.power
    for band in 0..<Self.bandCount {
      let sum = Kernels.sum(power.density + edges[band] + 1, count: edges[band + 1] - edges[band])
      features[band] = logf(energyFloor + sum * Float(power.resolutionHz))
    }
  }
}

/// Added before a logarithm is taken, unit or unit²: far below the noise of any sensor.
let energyFloor: Float = 1e-12
