import Signal

/// A model that came to the point from elsewhere: one that Thrum learned, or one that was brought in as ONNX. Immutable.
package enum DeliveredModel: Sendable {
  case learned(PointModel)
  case imported(ImportedModel)

  /// Of a window.
  package enum Judgement: Sendable, Equatable {
    case score(Score)
    /// The machine runs at a speed that nothing was learned at.
    case unknownRegime
    /// There are several regimes, and no speed came that tells which.
    case speedMissing
  }

  /// - Parameter bytes: the flat form of either kind.
  package init(decoding bytes: [UInt8]) throws(ModelError) {
    self =
      ImportedModel.isOne(bytes)
      ? .imported(try ImportedModel(decoding: bytes)) : .learned(try PointModel(decoding: bytes))
  }

  package func encoded() -> [UInt8] {
    switch self {
    case .learned(let model): model.encoded()
    case .imported(let model): model.encoded()
    }
  }

  /// Names the content.
  package var version: String {
    switch self {
    case .learned(let model): model.version
    case .imported(let model): model.version
    }
  }

  package var shape: ModelShape {
    switch self {
    case .learned(let model): model.shape
    case .imported(let model): model.shape
    }
  }

  package var input: ImportedModel.Input {
    switch self {
    case .learned: .features
    case .imported(let model): model.input
    }
  }

  /// Values that it takes of a window.
  package var valueCount: Int {
    switch self {
    case .learned(let model): model.shape.featureNames.count
    case .imported(let model): model.parts.before.inputs
    }
  }

  /// Of one of its regimes at least the margin was not set by windows held back.
  package var isUncalibrated: Bool {
    guard case .learned(let model) = self else { return false }
    return model.isUncalibrated
  }

  /// - Parameters:
  ///   - values: as many as `valueCount`, as `DeliveredInputs` gives them.
  ///   - speedRPM: as measured with the window.
  package func judge(_ values: [Float], speedRPM: Double?) -> Judgement {
    switch self {
    case .imported(let model): return .score(model.score(values))
    case .learned(let model):
      switch model.choice(speedRPM: speedRPM) {
      case .model(let regime): return .score(values.withUnsafeBufferPointer(regime.score))
      case .unknownRegime: return .unknownRegime
      case .speedMissing: return .speedMissing
      }
    }
  }

  /// What it takes of memory while it judges, about: its numbers, and the widest values between two layers.
  package var footprintBytes: Int {
    switch self {
    // Trees are padded to equal depth: a leaf or split that the file holds is at most doubled.
    case .learned: 2 * encoded().count
    case .imported(let model):
      encoded().count + (model.parts.forest?.nodes.count ?? 0) * MemoryLayout<LeafForest.Node>.stride
        + 3 * MemoryLayout<Float>.stride * max(model.parts.before.widest, model.parts.after.widest)
    }
  }

  /// In words: what it is made of.
  package var parts: [String] {
    switch self {
    case .imported(let model): [model.parts.words]
    case .learned(let model): model.regimes[0].model.parts
    }
  }

  /// In words: how its limit came about.
  package var calibrationWords: [String] {
    switch self {
    case .imported(let model): ["a score of \(model.limit) of its own scale is the warning limit"]
    case .learned(let model): model.regimes.map { Self.words($0) }
    }
  }

  private static func words(_ regime: PointModel.Regime) -> String {
    let speeds = regime.speedRPM.map { "\($0.lowerBound.short) to \($0.upperBound.short) r/min: " } ?? ""
    return speeds + regime.model.calibration.words
  }

  /// The features that make a window strange, with their part of it, most first.
  package func contributions(of values: [Float], speedRPM: Double?) -> [Explanation.Contribution] {
    switch self {
    case .imported(let model):
      return model.contributions(of: values).map { feature, share in
        let value = model.shape.featureNames.firstIndex(of: feature).map { Double(values[$0]) } ?? 0
        return Explanation.Contribution(feature: feature, share: share, value: value, deviations: 0)
      }
    case .learned(let model):
      guard case .model(let regime) = model.choice(speedRPM: speedRPM) else { return [] }
      return values.withUnsafeBufferPointer { regime.contributions(of: $0) }
    }
  }
}

extension LayerChain {
  /// The most values between two of its layers, or before them.
  var widest: Int { steps.reduce(inputs) { max($0, $1.outputs) } }
}

extension Score {
  /// False of what a model computes that overflows, or divides 0 by 0.
  package var isUsable: Bool { joint.isFinite && joint < Double(Float.greatestFiniteMagnitude) }
}

extension DeliveredModel.Judgement {
  package var score: Score? { if case .score(let score) = self { score } else { nil } }
}
