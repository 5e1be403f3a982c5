import Anomaly

/// Reads an ONNX file as a fixed chain of layers, or as an isolation forest behind one; refuses everything else before it runs.
package enum ONNXImport {
  static let opsets: ClosedRange<Int64> = 13...21
  static let treeOpsets: ClosedRange<Int64> = 1...4
  static let mostNodes = 65_536

  /// - Parameters:
  ///   - output: of the graph; `nil` for the only one, or the one called `scores`.
  ///   - values: of a window, where the file leaves it open; else it must agree.
  ///   - compared: the output of an autoencoder that it has to reproduce, on the way to its own; `nil`: what it takes.
  package static func parts(
    _ bytes: [UInt8], output: String? = nil, values: Int? = nil, comparedWith compared: String? = nil
  ) throws(ONNXError) -> ImportedParts {
    let file = try ONNXFile.decoded(bytes)
    try check(file)
    let name = try outputName(file.graph, output)
    var tracing = Tracing()
    try tracing.start(file.graph, values: values)
    let wanted = needed(file.graph, for: name)
    for (index, node) in file.graph.node.enumerated() where wanted.contains(index) { try tracing.take(node) }
    guard case .rows(let rows) = tracing.values[name] else {
      throw ONNXError("output '\(name.prefix(80))'", "does not come from the input by layers")
    }
    let prepared = try compared.map { wanted throws(ONNXError) in
      try preparation(tracing.values[try outputName(file.graph, wanted)], of: rows, wanted)
    }
    do { return try parts(rows, prepared ?? 0) } catch { throw ONNXError("output '\(name.prefix(80))'", error.reason) }
  }

  /// How many of the first layers lead to what is compared with.
  private static func preparation(_ value: Traced?, of rows: Rows, _ name: String) throws(ONNXError) -> Int {
    guard case .rows(let prepared) = value, prepared.forest == nil, rows.forest == nil,
      rows.before.layers.starts(with: prepared.before.layers)
    else { throw ONNXError("output '\(name.prefix(80))'", "does not lie on the way to the autoencoder's own") }
    return prepared.before.layers.count
  }

  private static func parts(_ rows: Rows, _ prepared: Int) throws(ModelError) -> ImportedParts {
    guard let sum = rows.forest, let after = rows.after else {
      return try ImportedParts(before: rows.before, prepared: prepared)
    }
    let forest = try sum.forest(features: sum.base.outputs)
    return try ImportedParts(before: sum.base, forest: forest, after: after, boundary: after.boundary)
  }

  private static func check(_ file: ONNXModel) throws(ONNXError) {
    guard file.functions.isEmpty, file.trainingInfo.isEmpty, file.graph.sparseInitializer.isEmpty else {
      throw ONNXError("file", "holds functions, training or sparse tensors")
    }
    guard !file.graph.node.isEmpty, file.graph.node.count <= mostNodes else {
      throw ONNXError("graph", "\(file.graph.node.count) operators; expected 1 to \(mostNodes)")
    }
    for set in file.opsetImport {
      let range = set.domain == ONNXExport.treeDomain ? treeOpsets : ["", "ai.onnx"].contains(set.domain) ? opsets : nil
      guard range?.contains(set.version) != false else {
        throw ONNXError(
          "opset \(set.domain.isEmpty ? "ai.onnx" : set.domain)", "version \(set.version); expected \(range ?? 0...0)")
      }
    }
    guard file.opsetImport.contains(where: { ["", "ai.onnx"].contains($0.domain) }) else {
      throw ONNXError("file", "names no opset")
    }
    for tensor in file.graph.initializer where !tensor.externalData.isEmpty || tensor.dataLocation != 0 {
      _ = try Constant(tensor)
    }
    for node in file.graph.node where !Operators.isKnown(node) {
      throw ONNXError(Operator.object(node), "is no operator that Thrum takes")
    }
    var names = Set(file.graph.input.map(\.name))
    for node in file.graph.node {
      for name in node.output where !name.isEmpty && !names.insert(name).inserted {
        throw ONNXError(Operator.object(node), "its output '\(name.prefix(80))' is taken")
      }
    }
  }

  private static func outputName(_ graph: ONNXGraph, _ wanted: String?) throws(ONNXError) -> String {
    let names = graph.output.map(\.name)
    let list = names.prefix(8).map { String($0.prefix(80)) }.joined(separator: ", ")
    if let wanted {
      guard names.contains(wanted) else { throw ONNXError("output '\(wanted)'", "is not there; there are \(list)") }
      return wanted
    }
    if names.count == 1 { return names[0] }
    guard names.contains("scores") else { throw ONNXError("graph", "has the outputs \(list): say which one") }
    return "scores"
  }

  /// The operators that the output comes from.
  private static func needed(_ graph: ONNXGraph, for output: String) -> Set<Int> {
    var (names, nodes): (Set<String>, Set<Int>) = ([output], [])
    for (index, node) in graph.node.enumerated().reversed() where node.output.contains(where: names.contains) {
      nodes.insert(index)
      names.formUnion(node.input)
    }
    return nodes
  }
}

extension LayerChain {
  /// What a last layer adds: scikit-learn's decision is its score plus this, the limit between in and out.
  fileprivate var boundary: Float {
    guard case .elementwise(.add, let numbers) = layers.last, numbers.count == 1 else { return 0 }
    return numbers[0]
  }
}

/// Goes through the graph in its order. A name that is not known yet is refused: it is missing, or the graph goes in a circle.
private struct Tracing {
  private(set) var values: [String: Traced] = [:]
  private var initializers: [String: ONNXTensor] = [:]
  private var trees = 0
  /// Values of all operators together: what a window costs, and what reading the file does.
  private var work = 0
  private static let mostWork = 1 << 26

  mutating func start(_ graph: ONNXGraph, values count: Int?) throws(ONNXError) {
    for tensor in graph.initializer {
      guard initializers.updateValue(tensor, forKey: tensor.name) == nil else {
        throw ONNXError("tensor '\(tensor.name.prefix(80))'", "stands there twice")
      }
    }
    let inputs = graph.input.filter { initializers[$0.name] == nil }
    guard inputs.count == 1 else { throw ONNXError("graph", "\(inputs.count) inputs, expected 1") }
    let dims = try Self.dims(inputs[0], count)
    do {
      values[inputs[0].name] = .rows(Rows(dims: dims, before: try LayerChain(inputs: dims.reduce(1, *))))
    } catch { throw ONNXError("input '\(inputs[0].name.prefix(80))'", error.reason) }
  }

  /// A row's, without the windows' own dimension.
  private static func dims(_ input: ONNXValue, _ count: Int?) throws(ONNXError) -> [Int] {
    let object = "input '\(input.name.prefix(80))'"
    guard input.type.tensor.element == TensorElement.float.rawValue else { throw ONNXError(object, "is not float32") }
    let shape = input.type.tensor.shape.dim
    guard (2...4).contains(shape.count), shape[0].value <= 1 else {
      throw ONNXError(object, "has \(shape.count) dimensions; expected 2 to 4, the first open or 1")
    }
    var dims = shape.dropFirst().map(\.value)
    if let count, dims.count(where: { $0 == 0 }) == 1, let open = dims.firstIndex(of: 0) { dims[open] = Int64(count) }
    var product = 1
    for dim in dims {
      guard (1...Int64(LayerChain.mostValues)).contains(dim), product * Int(dim) <= LayerChain.mostValues else {
        throw ONNXError(object, "of shape \(dims); expected 1 to \(LayerChain.mostValues) values")
      }
      product *= Int(dim)
    }
    if let count, product != count { throw ONNXError(object, "takes \(product) values, a window gives \(count)") }
    return dims.map(Int.init)
  }

  mutating func take(_ node: ONNXNode) throws(ONNXError) {
    var inputs: [Traced?] = []
    for name in node.input { inputs.append(name.isEmpty ? nil : try value(name, for: node)) }
    var operation = try Operator(node, inputs: inputs)
    let result = try Operators.read(&operation, domain: node.domain, trees: trees)
    if node.opType == "TreeEnsembleRegressor" { trees += LeafForest.mostNodes }
    work += result.count
    guard work <= Self.mostWork else { throw operation.failure("more than \(Self.mostWork) values in all") }
    guard let output = node.output.first, !output.isEmpty, initializers[output] == nil,
      values.updateValue(result, forKey: output) == nil
    else { throw operation.failure("its output has no name, or one that is taken") }
  }

  private mutating func value(_ name: String, for node: ONNXNode) throws(ONNXError) -> Traced {
    if let value = values[name] { return value }
    guard let tensor = initializers[name] else {
      throw ONNXError(Operator.object(node), "takes '\(name.prefix(80))', which is not made before it: a circle, or missing")
    }
    let constant = Traced.constant(try Constant(tensor))
    values[name] = constant
    return constant
  }
}
