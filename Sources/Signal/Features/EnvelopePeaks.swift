import Glibc

/// Natural logarithm of the highest line (peak amplitude, unit) of the envelope in eight ranges between 5 and 500 Hz, each 10^¼
/// as wide as the one before: where bearing defects repeat on common shafts.
struct EnvelopePeaks: FeatureExtractor {
  static let names = (0..<rangeCount).map { "envelope_\($0)" }

  static let descriptions = [
    FeatureDescription(
      "ln(1e-12 + highest line) of the envelope from 5 · 10^(j/4) to 5 · 10^((j+1)/4) Hz; the nearest bin where df is too coarse",
      count: rangeCount,
      unit: "ln x", ofConstant: "-27.6", source: "`bench/WORK.md`; Randall, Antoni, MSSP 25, 2011")
  ]

  private static let rangeCount = 8
  /// Bins of each range; never empty: where the resolution is too coarse, the nearest bin stands for it.
  private let ranges: [ClosedRange<Int>]

  init(_ shape: WindowShape) {
    ranges = (0..<Self.rangeCount).map { Self.bins(ofRange: $0, shape) }
  }

  func extract(from window: WindowTransforms, into features: UnsafeMutablePointer<Float>) {
    for index in ranges.indices {
      var highest: Float = 0
      for k in ranges[index] { highest = max(highest, window.envelope.squaredMagnitude(k)) }
      features[index] = logf(energyFloor + highest.squareRoot() * window.envelope.amplitudeScale)
    }
  }

  /// From its lower edge up to below its upper one; the last range ends with 500 Hz itself.
  private static func bins(ofRange index: Int, _ shape: WindowShape) -> ClosedRange<Int> {
    let edge = { (step: Int) in 5 * pow(10, Double(step) / 4) / shape.resolutionHz }
    let last = index == rangeCount - 1 ? Int(edge(index + 1)) : Int(edge(index + 1).rounded(.up)) - 1
    let highest = shape.nyquistBin - 1
    let first = min(max(1, Int(edge(index).rounded(.up))), highest)
    return first...min(max(first, last), highest)
  }
}
