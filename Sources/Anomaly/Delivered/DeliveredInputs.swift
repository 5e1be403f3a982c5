import Signal

/// What a delivered model looks at, out of a window. Owns scratch memory: one thread at a time.
package final class DeliveredInputs {
  private let input: ImportedModel.Input
  private let shape: ModelShape
  /// Of its features, in THE LIST.
  private let columns: [Int]
  /// `nil` where the features that every window has are enough, or it looks at none.
  private let analyzer: WindowAnalyzer?
  private var features: [Float]

  /// - Throws: for features that this Thrum does not measure, and windows that it does not analyse.
  package init(_ model: DeliveredModel) throws(ModelError) {
    (input, shape) = (model.input, model.shape)
    let known = FeatureExtractors.all.flatMap { $0.names }
    var columns: [Int] = []
    for name in shape.featureNames {
      guard let column = known.firstIndex(of: name) else { throw ModelError("feature \(name): this Thrum does not measure it") }
      columns.append(column)
    }
    self.columns = columns
    do throws(SignalError) {
      let analyzer = try WindowAnalyzer(sampleCount: shape.windowSamples, sampleRateHz: shape.sampleRateHz)
      self.analyzer = input == .features ? analyzer : nil
    } catch { throw ModelError("\(error)") }
    features = [Float](repeating: 0, count: known.count)
  }

  /// Whether the features that the daemon has of every window are all it takes.
  package var needsSamples: Bool { input != .features || columns.contains { $0 >= Analyzers.featureNames.count } }

  /// Of a window's samples.
  /// - Parameter samples: `shape.windowSamples` finite ones.
  package func values(_ samples: UnsafeBufferPointer<Float>) throws(ModelError) -> [Float] {
    guard samples.count == shape.windowSamples else { throw ModelError("a window of \(samples.count) samples") }
    switch input {
    case .window: return Array(samples)
    case .spectrum: return try spectrum(samples)
    case .features:
      features.withUnsafeMutableBufferPointer { analyzer?.analyze(samples, into: $0) }
      return columns.map { features[$0] }
    }
  }

  /// Of the features that every window has; only where `needsSamples` is false.
  package func pick(from learned: UnsafeBufferPointer<Float>) -> [Float] { columns.map { learned[$0] } }

  /// RMS amplitudes behind a Hann window, as `thrum spectrum` gives them.
  private func spectrum(_ samples: UnsafeBufferPointer<Float>) throws(ModelError) -> [Float] {
    var request = SpectrumRequest(kind: .power, unit: shape.unit)
    request.segmentSeconds = Double(shape.windowSamples) / shape.sampleRateHz
    do throws(SignalError) {
      return try request.report(Array(samples), sampleRateHz: shape.sampleRateHz).amplitude
    } catch { throw ModelError("\(error)") }
  }
}
