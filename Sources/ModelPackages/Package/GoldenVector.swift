/// A window whose features and score are known, to be found again on the machine that is to run the model.
package struct GoldenVector: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable { case healthy, faulty }

  package var kind: Kind
  /// Measured with the window, revolutions per minute, above 0; `nil` when none came.
  package var speedRPM: Double?
  /// In the model's unit, at its rate.
  package var samples: [Float]
  /// What the model looks at, in its order.
  package var values: [Float]
  /// The joint score; 1 is the warning limit.
  package var score: Double

  package init(kind: Kind, speedRPM: Double? = nil, samples: [Float], values: [Float], score: Double) {
    (self.kind, self.speedRPM, self.samples, self.values, self.score) = (kind, speedRPM, samples, values, score)
  }

  /// In one package.
  package static let most = 64
}

extension GoldenVector {
  func encode(into file: inout PackageWriter) {
    file.append(UInt32(kind == .healthy ? 0 : 1))
    file.append(speedRPM ?? 0)
    file.append(score)
    file.append(counted: values)
    file.append(counted: samples)
  }

  init(from file: inout PackageReader, windowSamples: Int, values count: Int) throws(PackageError) {
    kind = try file.count(0...1) == 0 ? .healthy : .faulty
    let speed = try file.double()
    (speedRPM, score) = (speed == 0 ? nil : speed, try file.double())
    values = try file.floats(count...count)
    samples = try file.floats(windowSamples...windowSamples)
  }
}
