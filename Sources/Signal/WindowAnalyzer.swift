/// Turns windows of one length and rate into features: samples in, features out, and no allocation in between.
/// Owns plans and scratch memory, so one worker uses it at a time.
package final class WindowAnalyzer {
  package let shape: WindowShape
  /// Names of the features in the order of their families.
  package let featureNames: [String]

  private let transforms: WindowTransforms
  private let families: [(extractor: any FeatureExtractor, offset: Int)]

  /// - Parameters:
  ///   - sampleCount: even, 64 to 2²⁴.
  ///   - sampleRateHz: above 0.
  ///   - list: the families, in their order.
  package init(
    sampleCount: Int, sampleRateHz: Double, list: [any FeatureExtractor.Type] = FeatureExtractors.all
  ) throws(SignalError) {
    shape = try WindowShape(sampleCount: sampleCount, sampleRateHz: sampleRateHz)
    transforms = try WindowTransforms(shape)
    featureNames = list.flatMap { $0.names }
    var (families, offset) = ([(any FeatureExtractor, Int)](), 0)
    for family in list {
      families.append((family.init(shape), offset))
      offset += family.names.count
    }
    self.families = families
  }

  /// - Parameters:
  ///   - samples: `shape.sampleCount` finite samples, of any alignment.
  ///   - features: room for one value per name.
  package func analyze(_ samples: UnsafeBufferPointer<Float>, into features: UnsafeMutableBufferPointer<Float>) {
    guard let source = samples.baseAddress, let result = features.baseAddress,
      samples.count == shape.sampleCount, features.count >= featureNames.count
    else { preconditionFailure("window of \(samples.count) samples for \(features.count) features") }
    transforms.update(from: source)
    for index in families.indices { families[index].extractor.extract(from: transforms, into: result + families[index].offset) }
  }
}

/// What the families share, computed once per window.
package final class WindowTransforms {
  private(set) var moments = SampleMoments(mean: 0, m2: 0, m3: 0, m4: 0, peak: 0)
  let power: PowerSpectrum
  let envelope: Envelope
  private let fft: RealFFT

  /// Of the mean-free samples; one more pass over them.
  var magnitudes: (mean: Float, meanRoot: Float, range: Float) { Kernels.magnitudes(fft.samples, count: fft.count) }

  init(_ shape: WindowShape) throws(SignalError) {
    fft = try RealFFT(count: shape.sampleCount)
    power = PowerSpectrum(sampleCount: shape.sampleCount, sampleRateHz: shape.sampleRateHz)
    envelope = try Envelope(sampleCount: shape.sampleCount, band: Self.envelopeBand(nyquistBin: shape.nyquistBin))
  }

  func update(from samples: UnsafePointer<Float>) {
    moments = Kernels.centre(samples, into: fft.samples, count: fft.count)
    fft.transform()
    power.update(from: fft.spectrum)
    envelope.update(from: fft.spectrum)
  }

  /// 2 to 10 kHz of 12.8 kHz: above the machine's own orders, below the anti-aliasing filter.
  private static func envelopeBand(nyquistBin: Int) -> ClosedRange<Int> {
    let bin = { (fraction: Double) in Int((Double(nyquistBin) * fraction).rounded()) }
    return bin(2 / 12.8)...bin(10 / 12.8)
  }
}
