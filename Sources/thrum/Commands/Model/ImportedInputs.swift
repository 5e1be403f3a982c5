import Anomaly
import Signal
import Terminal

/// What an imported model looks at, out of a recording's windows.
struct ImportedInputs {
  private let input: ImportedModel.Input
  private let shape: ModelShape

  /// - Throws: for features that Thrum does not measure.
  init(_ input: ImportedModel.Input, _ shape: ModelShape) throws {
    (self.input, self.shape) = (input, shape)
    let known = Set(FeatureExtractors.all.flatMap { $0.names })
    for name in shape.featureNames where !known.contains(name) {
      throw UsageError(
        "feature \(name.printable): Thrum measures \(FeatureExtractors.all.flatMap { $0.names }.joined(separator: ", "))")
    }
  }

  /// Every window's values, in order of time.
  func forEach(in windows: WindowedFile, _ body: (_ start: Int, [Float]) throws -> Void) throws {
    switch input {
    case .features:
      let columns = shape.featureNames.compactMap { windows.featureNames.firstIndex(of: $0) }
      try windows.forEach { start, features in try body(start, columns.map { features[$0] }) }
    case .window: try windows.forEachSamples { start, samples in try body(start, Array(samples)) }
    case .spectrum:
      var request = SpectrumRequest(kind: .power, unit: shape.unit)
      request.segmentSeconds = Double(shape.windowSamples) / shape.sampleRateHz
      try windows.forEachSamples { start, samples in
        try body(start, try request.report(Array(samples), sampleRateHz: shape.sampleRateHz).amplitude)
      }
    }
  }
}
