/// One family of features of a window. A new family is a new file and a line in THE LIST.
package protocol FeatureExtractor: Sendable {
  /// Stable names, in the order `extract` writes them; models are stored with them.
  static var names: [String] { get }
  /// What docs/SIGNAL.md says of them, in the same order.
  static var descriptions: [FeatureDescription] { get }
  init(_ shape: WindowShape)
  /// Writes one value per name. Allocates nothing.
  func extract(from window: WindowTransforms, into features: UnsafeMutablePointer<Float>)
}

/// THE LIST, and what of it is learned from: the 29 values of bench/WORK.md. What follows them is for people; it says in other
/// words what those say, and would only weigh it twice.
package enum FeatureExtractors {
  package static let learned: [any FeatureExtractor.Type] = [Moments.self, BandEnergies.self, EnvelopePeaks.self]
  package static let all: [any FeatureExtractor.Type] = learned + [AmplitudeFactors.self, SpectralShape.self]
}

/// What a family may build its tables from.
package struct WindowShape: Sendable, Hashable {
  /// Even, at least `minimumSampleCount`.
  package let sampleCount: Int
  /// Above 0.
  package let sampleRateHz: Double

  package static let minimumSampleCount = 64

  package init(sampleCount: Int, sampleRateHz: Double) throws(SignalError) {
    guard sampleCount >= Self.minimumSampleCount, sampleCount.isMultiple(of: 2), sampleCount <= 1 << 24 else {
      let reason = "an even number from \(Self.minimumSampleCount) to \(1 << 24) is needed"
      throw SignalError("analyse window", "of \(sampleCount) samples", reason: reason)
    }
    guard sampleRateHz > 0, sampleRateHz.isFinite else {
      throw SignalError("analyse window", "at \(sampleRateHz) Hz", reason: "the rate must be above 0")
    }
    self.sampleCount = sampleCount
    self.sampleRateHz = sampleRateHz
  }

  /// Hz from bin to bin.
  var resolutionHz: Double { sampleRateHz / Double(sampleCount) }
  /// The bin of half the sampling rate.
  var nyquistBin: Int { sampleCount / 2 }
}

/// What one feature, or a row of like ones, is.
package struct FeatureDescription: Sendable {
  /// How many of the family's names it stands for.
  package let count: Int
  package let formula: String
  /// `x` is the samples' own.
  package let unit: String
  /// Its value where there is nothing to measure.
  package let ofConstant: String
  /// When there is none.
  package let abstains: String
  /// Where the formula comes from.
  package let source: String

  init(
    _ formula: String, count: Int = 1, unit: String, ofConstant: String = "0", abstains: String = "never", source: String
  ) {
    (self.count, self.formula, self.unit, self.ofConstant) = (count, formula, unit, ofConstant)
    (self.abstains, self.source) = (abstains, source)
  }
}
