import CKernels
import FoundationEssentials
import Glibc

/// WORK.md's model file ("VAM1"), brought into the form that the kernels of Sources/Anomaly run on.
final class BenchModel {
  let threshold: Float
  private let autoencoderReference, forestReference: Float
  private let mean, inverseDeviation: [Float]
  private let layers: [Layer]
  private let forest: Forest
  /// The frame's features in standard deviations, and what the layers make of them.
  private var standardized: [Float]
  private var input, output: [Float]

  private struct Layer {
    let inputs, outputs: Int
    let isSquashed: Bool
    /// [inputs][outputs]
    let weights: [Float]
    let bias: [Float]
  }

  init(_ file: Data) throws {
    var reader = VAM1Reader(file)
    try reader.expect("VAM1")
    let features = try reader.count(upTo: 1024)
    let layerCount = try reader.count(upTo: 64)
    mean = try reader.floats(features)
    inverseDeviation = try reader.floats(features).map { 1 / $0 }
    let references = try reader.floats(4)
    (autoencoderReference, forestReference, threshold) = (references[0], references[1], references[2])
    layers = try (0..<layerCount).map { _ in try Self.layer(&reader) }
    forest = try Forest(&reader, features: features)
    standardized = [Float](repeating: 0, count: features)
    let widest = layers.map(\.outputs).max() ?? 0
    (input, output) = ([Float](repeating: 0, count: max(features, widest)), [Float](repeating: 0, count: max(features, widest)))
  }

  /// Stored [outputs][inputs], kept [inputs][outputs].
  private static func layer(_ reader: inout VAM1Reader) throws -> Layer {
    let (inputs, outputs) = (try reader.count(upTo: 4096), try reader.count(upTo: 4096))
    let isSquashed = try reader.count(upTo: 1) == 1
    let stored = try reader.floats(inputs * outputs)
    let weights = (0..<inputs * outputs).map { stored[$0 % outputs * inputs + $0 / outputs] }
    return Layer(inputs: inputs, outputs: outputs, isSquashed: isSquashed, weights: weights, bias: try reader.floats(outputs))
  }

  func standardize(_ features: [Float]) {
    for i in standardized.indices { standardized[i] = (features[i] - mean[i]) * inverseDeviation[i] }
  }

  /// Mean squared difference between the standardized features and what the autoencoder makes of them.
  func reconstructionError() -> Float {
    for i in standardized.indices { input[i] = standardized[i] }
    for layer in layers {
      thrum_dense(input, layer.weights, layer.bias, &output, Int32(layer.inputs), Int32(layer.outputs))
      if layer.isSquashed { thrum_tanh(&output, Int32(layer.outputs)) }
      swap(&input, &output)
    }
    var sum: Float = 0
    for i in standardized.indices { sum += (standardized[i] - input[i]) * (standardized[i] - input[i]) }
    return sum / Float(standardized.count)
  }

  /// The isolation forest's score, 0 to 1.
  func isolation() -> Float { forest.score(standardized) }

  func joint(error: Float, isolation: Float) -> Float {
    0.5 * (error / autoencoderReference + isolation / forestReference)
  }
}

/// Trees padded to one depth, as `thrum_forest_path_sum` wants them.
private struct Forest {
  static let depth = 8
  private let trees: Int
  private let normalization: Float
  private var splits: [thrum_split]
  private var pathLengths: [Float]

  private struct Node {
    let feature: Int32
    /// A split's threshold, or a leaf's path length.
    let value: Float
    let left, right: Int
  }

  init(_ reader: inout VAM1Reader, features: Int) throws {
    trees = try reader.count(upTo: 10_000)
    normalization = try reader.floats(1)[0]
    let nodeCount = try reader.count(upTo: 10_000_000)
    let roots = try (0..<trees).map { _ in try reader.count(upTo: nodeCount - 1) }
    let nodes = try (0..<nodeCount).map { _ in
      let (feature, value) = (try reader.integer(), try reader.floats(1)[0])
      return Node(
        feature: feature, value: value, left: try reader.count(upTo: nodeCount - 1), right: try reader.count(upTo: nodeCount - 1))
    }
    guard nodes.allSatisfy({ $0.feature < Int32(features) }) else { throw VAM1Error(reason: "a split of an unknown feature") }
    let inner = 1 << Self.depth - 1
    splits = [thrum_split](repeating: thrum_split(threshold: 0, feature: 0), count: trees * inner)
    pathLengths = [Float](repeating: 0, count: trees << Self.depth)
    for (tree, root) in roots.enumerated() { try place(root, of: nodes, at: 0, level: 0, tree: tree) }
  }

  /// A leaf above the last level goes to both sides of a split that does not matter.
  private mutating func place(_ index: Int, of nodes: [Node], at position: Int, level: Int, tree: Int) throws {
    let (node, inner) = (nodes[index], 1 << Self.depth - 1)
    let isLeaf = node.feature < 0
    guard level < Self.depth else {
      guard isLeaf else { throw VAM1Error(reason: "a tree deeper than \(Self.depth)") }
      pathLengths[tree << Self.depth + position - inner] = node.value
      return
    }
    splits[tree * inner + position] = thrum_split(threshold: isLeaf ? 0 : node.value, feature: max(0, node.feature))
    try place(isLeaf ? index : node.left, of: nodes, at: 2 * position + 1, level: level + 1, tree: tree)
    try place(isLeaf ? index : node.right, of: nodes, at: 2 * position + 2, level: level + 1, tree: tree)
  }

  func score(_ features: [Float]) -> Float {
    let sum = thrum_forest_path_sum(features, splits, pathLengths, Int32(trees), Int32(Self.depth))
    return exp2f(-sum / Float(trees) / normalization)
  }
}
