import Signal

/// A delivered model at work on a point, its time taken. Owns scratch memory: one thread at a time.
package final class DeliveredJudge {
  /// As people call it: `pumps 1.2.0`.
  package let name: String
  package let model: DeliveredModel
  private let inputs: DeliveredInputs
  private let nanoseconds: @Sendable () -> UInt64
  private var values: [Float] = []
  private var speedRPM: Double?
  /// What the last window took.
  package private(set) var tookNanoseconds: UInt64 = 0

  /// - Parameter nanoseconds: a clock that only runs forward.
  /// - Throws: for features that this Thrum does not measure.
  package init(
    name: String, _ model: DeliveredModel, nanoseconds: @escaping @Sendable () -> UInt64
  ) throws(ModelError) {
    inputs = try DeliveredInputs(model)
    (self.name, self.model, self.nanoseconds) = (name, model, nanoseconds)
  }

  /// Whether it was made for windows of this length, rate and unit.
  package func fits(_ shape: ModelShape) -> Bool { model.shape.hasWindows(of: shape) }

  package var needsSamples: Bool { inputs.needsSamples }

  /// - Parameters:
  ///   - features: those that every window has.
  ///   - samples: the window's; asked for only where it needs them.
  package func judge(
    _ features: UnsafeBufferPointer<Float>, speedRPM: Double?, samples: () -> [Float]
  ) -> DeliveredModel.Judgement {
    let given = inputs.needsSamples ? samples() : []
    let start = nanoseconds()
    values =
      inputs.needsSamples ? (try? given.withUnsafeBufferPointer { try inputs.values($0) }) ?? [] : inputs.pick(from: features)
    self.speedRPM = speedRPM
    defer { tookNanoseconds = nanoseconds() &- start }
    guard values.count == model.valueCount else { return .score(.unusable) }
    return model.judge(values, speedRPM: speedRPM)
  }

  /// Of the window judged last.
  func contributions() -> [Explanation.Contribution] { model.contributions(of: values, speedRPM: speedRPM) }
}

extension ModelShape {
  /// Windows of the same length, rate and unit, whatever is made of them.
  package func hasWindows(of other: ModelShape) -> Bool {
    windowSamples == other.windowSamples && sampleRateHz == other.sampleRateHz && unit == other.unit
  }
}

extension Score {
  /// Of a window that could not be judged.
  static let unusable = Score(joint: Double(Float.greatestFiniteMagnitude))
}
