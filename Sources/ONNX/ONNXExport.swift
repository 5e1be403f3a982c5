import Anomaly
import Signal

/// A learned model as one ONNX file: input `features` [N, F], as the analyser writes them; outputs `score` and `probability` [N, 1].
/// Operators of opset 17 and ai.onnx.ml 3. Its metadata says which features of which windows it is for.
package enum ONNXExport {
  static let opset = 17
  static let irVersion = 8
  static let treeOpset = 3
  static let treeDomain = "ai.onnx.ml"

  package static func bytes(of model: Model) throws(ONNXError) -> [UInt8] {
    guard let content = model.content else {
      throw ONNXError(.export, "model \(model.version)", "is not made of one autoencoder and one isolation forest")
    }
    var file = ONNXModel()
    (file.irVersion, file.producerName, file.producerVersion) = (Int64(irVersion), "thrum", model.version)
    file.opsetImport = [operators("", opset), operators(treeDomain, treeOpset)]
    file.metadata = metadata(model)
    file.graph = graph(content)
    return try ONNXFile.encoded(file)
  }

  private static func operators(_ domain: String, _ version: Int) -> ONNXOperatorSet {
    var set = ONNXOperatorSet()
    (set.domain, set.version) = (domain, Int64(version))
    return set
  }

  private static func metadata(_ model: Model) -> [ONNXEntry] {
    let shape = model.shape
    return [
      ("thrum.version", model.version), ("thrum.features", shape.featureNames.joined(separator: ",")),
      ("thrum.window_samples", "\(shape.windowSamples)"), ("thrum.sample_rate_hz", "\(shape.sampleRateHz)"),
      ("thrum.unit", shape.unit.rawValue), ("thrum.calibration", model.calibration.words),
    ].map { key, value in
      var entry = ONNXEntry()
      (entry.key, entry.value) = (key, value)
      return entry
    }
  }

  private static func graph(_ content: ModelContent) -> ONNXGraph {
    var graph = GraphBuilder()
    graph.name("thrum")
    graph.input("features", columns: content.mean.count)
    let standardized = graph.standardize("features", content)
    let error = graph.reconstructionError(standardized, content.layers)
    let isolation = graph.isolation(standardized, content)
    graph.score(error, isolation, content)
    graph.output("score", columns: 1)
    graph.output("probability", columns: 1)
    return graph.graph
  }
}

extension GraphBuilder {
  fileprivate mutating func standardize(_ features: String, _ content: ModelContent) -> String {
    let limit = constant([content.limit])
    let centred = add("Sub", [features, constant(content.mean, dims: [content.mean.count])])
    let deviations = add("Div", [centred, constant(content.deviation, dims: [content.deviation.count])])
    let numbers = add("Where", [add("IsNaN", [deviations]), limit, deviations])
    return add("Clip", [numbers, constant([-content.limit]), limit])
  }

  /// Mean over the features of the squared difference.
  fileprivate mutating func reconstructionError(_ input: String, _ layers: [DenseLayer]) -> String {
    var values = input
    for (index, layer) in layers.enumerated() {
      let weights = constant(layer.weights, dims: [layer.inputs, layer.outputs])
      values = add("Gemm", [values, weights, constant(layer.bias, dims: [layer.outputs])])
      if index < layers.count - 1 { values = add("Tanh", [values]) }
    }
    let difference = add("Sub", [input, values])
    let squares = add("Mul", [difference, difference])
    return add("ReduceMean", [squares], [ONNXAttribute("axes", ints: [1]), ONNXAttribute("keepdims", int: 1)])
  }

  /// 2^(-E(h)/c)
  fileprivate mutating func isolation(_ input: String, _ content: ModelContent) -> String {
    let sum = add("TreeEnsembleRegressor", [input], TreeAttributes(content.trees).all, domain: ONNXExport.treeDomain)
    let mean = add("Div", [sum, constant([-Float(content.trees.count)])])
    return add("Pow", [constant([2]), add("Div", [mean, constant([content.normalization])])])
  }

  fileprivate mutating func score(_ error: String, _ isolation: String, _ content: ModelContent) {
    let first = add("Div", [error, constant([content.references.autoencoder])])
    let second = add("Div", [isolation, constant([content.references.forest])])
    let mean = add("Div", [add("Add", [first, second]), constant([2])])
    let score = add("Div", [mean, constant([content.margin])], output: "score")
    let odds = add("Pow", [score, constant([-4])])
    _ = add("Reciprocal", [add("Add", [odds, constant([1])])], output: "probability")
  }
}

/// A forest as the columns that TreeEnsembleRegressor wants.
private struct TreeAttributes {
  private var treeIDs: [Int] = [], nodeIDs: [Int] = [], features: [Int] = [], trueIDs: [Int] = [], falseIDs: [Int] = []
  private var modes: [String] = []
  private var thresholds: [Float] = []
  private var leafTrees: [Int] = [], leafNodes: [Int] = []
  private var leafValues: [Float] = []

  init(_ trees: [[TreeNode]]) {
    for (tree, nodes) in trees.enumerated() {
      for (index, node) in nodes.enumerated() { append(node, index, tree) }
    }
  }

  private mutating func append(_ node: TreeNode, _ index: Int, _ tree: Int) {
    treeIDs.append(tree)
    nodeIDs.append(index)
    switch node {
    case .split(let feature, let threshold, let left, let right): append("BRANCH_LEQ", feature, threshold, left, right)
    case .leaf(let pathLength):
      append("LEAF", 0, 0, 0, 0)
      leafTrees.append(tree)
      leafNodes.append(index)
      leafValues.append(pathLength)
    }
  }

  private mutating func append(_ mode: String, _ feature: Int, _ threshold: Float, _ left: Int, _ right: Int) {
    modes.append(mode)
    features.append(feature)
    thresholds.append(threshold)
    trueIDs.append(left)
    falseIDs.append(right)
  }

  var all: [ONNXAttribute] {
    [
      .init("n_targets", int: 1), .init("aggregate_function", string: "SUM"), .init("post_transform", string: "NONE"),
      .init("nodes_treeids", ints: treeIDs), .init("nodes_nodeids", ints: nodeIDs), .init("nodes_featureids", ints: features),
      .init("nodes_modes", strings: modes), .init("nodes_values", floats: thresholds), .init("nodes_truenodeids", ints: trueIDs),
      .init("nodes_falsenodeids", ints: falseIDs), .init("target_treeids", ints: leafTrees),
      .init("target_nodeids", ints: leafNodes), .init("target_ids", ints: leafNodes.map { _ in 0 }),
      .init("target_weights", floats: leafValues),
    ]
  }
}
