/// All numbers of a model, for those who write it down in another form.
package struct ModelContent: Sendable {
  /// Per feature; a feature minus `mean` over `deviation` is kept within ±`limit`, and is `limit` where it is not a number.
  package let mean, deviation: [Float]
  package let limit: Float
  /// The autoencoder's, tanh between them.
  package let layers: [DenseLayer]
  /// The forest's, a root first and children behind their parents.
  package let trees: [[TreeNode]]
  /// Average path length of the samples a tree was grown from.
  package let normalization: Float
  /// Of the autoencoder's score and the forest's: what each is divided by. (The limits of single features have no part in the score.)
  package let references: (autoencoder: Float, forest: Float)
  /// What the mean of both is divided by.
  package let margin: Float
}

/// A node of a tree: where a window goes, or how long its path was.
package enum TreeNode: Sendable, Equatable {
  /// To `left` if the feature is at most `threshold`, else to `right`: indices in the same array, above the node's own.
  case split(feature: Int, threshold: Float, left: Int, right: Int)
  case leaf(pathLength: Float)
}

extension Model {
  /// `nil` when the model is not made of one autoencoder and one forest.
  package var content: ModelContent? {
    guard detectors.count >= Detectors.joint, let autoencoder = detectors[0] as? Autoencoder,
      let forest = detectors[1] as? IsolationForest
    else { return nil }
    return ModelContent(
      mean: standardizer.mean, deviation: standardizer.deviation, limit: Standardizer.limit, layers: autoencoder.layers,
      trees: (0..<forest.trees).map(forest.compactTree), normalization: forest.normalization,
      references: (calibration.references[0], calibration.references[1]), margin: calibration.margin)
  }

  /// In words: each detector and its size.
  package var parts: [String] {
    detectors.map { detector in
      switch detector {
      case let autoencoder as Autoencoder:
        "autoencoder " + (autoencoder.layers.map(\.inputs) + [shape.featureNames.count]).map(String.init).joined(separator: "-")
      case let forest as IsolationForest: "isolation forest of \(forest.trees) trees, at most \(forest.depth) splits deep"
      case is FeatureLimits: "a limit for each of \(shape.featureNames.count) features"
      default: "\(type(of: detector))"
      }
    }
  }
}

extension IsolationForest {
  /// A tree without the splits that only pad it: those with one path length on both sides.
  func compactTree(_ tree: Int) -> [TreeNode] {
    var nodes: [TreeNode] = []
    let (inner, leaves) = (1 << depth - 1, leaves[tree << depth..<(tree + 1) << depth])
    func place(_ node: Int, _ below: ArraySlice<Float>) -> Int {
      let index = nodes.count
      let first = below[below.startIndex]
      nodes.append(.leaf(pathLength: first))
      guard below.contains(where: { $0 != first }) else { return index }
      let (threshold, feature) = Kernels.parts(of: splits[tree * inner + node])
      let left = place(2 * node + 1, below.prefix(below.count / 2))
      let right = place(2 * node + 2, below.suffix(below.count / 2))
      nodes[index] = .split(feature: feature, threshold: threshold, left: left, right: right)
      return index
    }
    _ = place(0, leaves)
    return nodes
  }
}

extension Model {
  /// One detector's own score, in the order of THE LIST: autoencoder, forest. Allocates nothing.
  /// - Parameter standardized: as many values as the model has features.
  package func score(ofDetector index: Int, _ standardized: UnsafeBufferPointer<Float>) -> Float {
    detectors[index].score(standardized)
  }

  /// The same of several rows at once. Allocates nothing.
  package func scores(
    ofDetector index: Int, _ standardized: UnsafeBufferPointer<Float>, into scores: UnsafeMutableBufferPointer<Float>
  ) {
    detectors[index].scores(standardized, into: scores)
  }
}
