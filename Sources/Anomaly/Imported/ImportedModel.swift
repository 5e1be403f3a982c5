import Signal

/// What was trained elsewhere and brought in as ONNX: an autoencoder, whose error is how strange a window is, or an isolation
/// forest, whose decision is. Immutable.
package struct ImportedModel: Sendable {
  /// What of a window it looks at.
  package enum Input: String, Sendable, CaseIterable { case features, spectrum, window }

  package let version: String
  package let input: Input
  /// Its feature names are empty unless it looks at features.
  package let shape: ModelShape
  package let parts: ImportedParts
  /// How strange a window is that is a warning, above 0.
  package let limit: Float

  /// - Throws: when the parts do not fit each other, or the limit is not above 0.
  package init(input: Input, shape: ModelShape, parts: ImportedParts, limit: Float) throws(ModelError) {
    guard limit > 0, limit.isFinite else { throw ModelError("limit \(limit), expected above 0") }
    guard input != .features || shape.featureNames.count == parts.before.inputs else {
      throw ModelError("\(shape.featureNames.count) feature names for \(parts.before.inputs) values")
    }
    guard input != .window || shape.windowSamples == parts.before.inputs else {
      throw ModelError("windows of \(shape.windowSamples) samples for \(parts.before.inputs) values")
    }
    guard input != .spectrum || shape.windowSamples / 2 + 1 == parts.before.inputs else {
      throw ModelError("spectra of \(shape.windowSamples / 2 + 1) bins for \(parts.before.inputs) values")
    }
    (self.input, self.shape, self.parts, self.limit) = (input, shape, parts, limit)
    let digest = Self.body(input, shape, parts, limit).bytes.withUnsafeBytes { Digest64.of($0) }
    version = "onnx-" + String(digest | 1 << 63, radix: 16)
  }

  /// - Parameter values: as many as `parts.before.inputs`.
  package func score(_ values: [Float]) -> Score {
    let joint = Double(parts.strangeness(of: values) / limit)
    return Score(joint: joint.isFinite ? max(0, joint) : Double(Float.greatestFiniteMagnitude))
  }
}

/// The layers in front of a forest, the forest, and what is made of its sum; or layers alone, that reproduce what they take.
package struct ImportedParts: Sendable, Equatable {
  package let before: LayerChain
  package let forest: LeafForest?
  /// Behind the forest; empty without one.
  package let after: LayerChain
  /// Of a forest: its decision is this minus how strange a window is. scikit-learn's `-offset_`.
  package let boundary: Float
  /// Of an autoencoder: the first layers of `before`, whose result is what it has to reproduce; none: what it takes.
  package let preparation: LayerChain

  /// - Parameter prepared: how many layers of `before` only prepare the values, an autoencoder's: standardize them, say.
  package init(
    before: LayerChain, forest: LeafForest? = nil, after: LayerChain? = nil, boundary: Float = 0, prepared: Int = 0
  ) throws(ModelError) {
    let nothing = try LayerChain(inputs: 1)
    let after = after ?? nothing
    guard after.inputs == 1, after.outputs == 1, boundary.isFinite else { throw ModelError("a forest without one decision") }
    let preparation = try before.first(prepared)
    guard forest != nil || (before.outputs == preparation.outputs && after.layers.isEmpty) else {
      throw ModelError("\(before.outputs) values out of \(preparation.outputs): it does not reproduce what it takes")
    }
    guard forest == nil || prepared == 0 else { throw ModelError("a forest reproduces nothing") }
    guard forest == nil || boundary > 0 else { throw ModelError("a forest's boundary \(boundary), expected above 0") }
    for node in forest?.nodes ?? [] where node.feature >= before.outputs { throw ModelError("a split of an unknown feature") }
    (self.before, self.forest, self.after, self.boundary, self.preparation) = (before, forest, after, boundary, preparation)
  }

  /// What ONNX Runtime would give: an autoencoder's reproduction, a forest's decision.
  package func output(of values: [Float]) -> [Float] {
    let prepared = before.run(values)
    return forest.map { after.run([$0.sum(prepared)]) } ?? prepared
  }

  /// Mean squared error of the reproduction, or what the forest says of the window: higher is stranger.
  package func strangeness(of values: [Float]) -> Float {
    let output = output(of: values)
    if forest != nil { return boundary - output[0] }
    return errors(of: values, output).reduce(0, +) / Float(output.count)
  }

  /// An autoencoder's squared errors, one a value of what it has to reproduce.
  fileprivate func errors(of values: [Float], _ output: [Float]) -> [Float] {
    zip(preparation.run(values), output).map { ($0 - $1) * ($0 - $1) }
  }

  /// In words.
  package var words: String {
    let kinds = before.layers.map(\.name).joined(separator: ", ")
    let prepared = preparation.layers.isEmpty ? "" : ", compared behind the first \(preparation.layers.count)"
    guard let forest else { return "autoencoder of \(before.inputs) values: \(kinds)\(prepared)" }
    return "isolation forest of \(forest.treeCount) trees" + (kinds.isEmpty ? "" : " behind \(kinds)")
  }
}

extension Layer {
  fileprivate var name: String {
    switch self {
    case .dense(let layer): "dense \(layer.inputs)-\(layer.outputs)"
    case .elementwise(let operation, _): "\(operation)"
    case .gather: "order"
    case .convolution(let part):
      "\(part.isTransposed ? "transposed " : "")convolution \(part.inputChannels)-\(part.outputChannels)"
    case .pooling(let pooling): "\(pooling.isMaximum ? "maximum" : "mean") of \(pooling.kernel)"
    case .upsampling(_, let factor): "\(factor) x"
    case .activation(let activation): "\(activation.kind)"
    }
  }
}

extension ImportedModel {
  /// The five features that an autoencoder reproduces worst, with their part of its error; none for what takes no features.
  package func contributions(of values: [Float]) -> [(feature: String, share: Double)] {
    guard input == .features, parts.forest == nil, parts.preparation.outputs == values.count else { return [] }
    let errors = parts.errors(of: values, parts.output(of: values))
    let total = max(errors.reduce(0, +), .leastNormalMagnitude)
    return errors.indices.sorted { errors[$0] > errors[$1] }.prefix(5).map {
      (shape.featureNames[$0], Double(errors[$0] / total))
    }
  }
}
