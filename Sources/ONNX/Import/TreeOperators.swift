import Anomaly

/// ai.onnx.ml's trees, scalers and encoders.
enum TreeOperators {
  /// (x - offset) · scale
  static func scaler(_ operation: inout Operator) throws(ONNXError) -> Traced {
    var rows = try operation.rows(0)
    let (offset, scale) = (try operation.floats("offset") ?? [0], try operation.floats("scale") ?? [1])
    try operation.append(.elementwise(.subtract, offset), to: &rows)
    try operation.append(.elementwise(.multiply, scale), to: &rows)
    return .rows(rows)
  }

  /// Whole numbers of leaves to what stands for them.
  static func labelEncoder(_ operation: inout Operator) throws(ONNXError) -> Traced {
    guard case .leaves(var leaves) = try operation.input(0) else { throw operation.failure("is understood behind a tree only") }
    guard let keys = try operation.ints("keys_int64s"), let values = try operation.floats("values_floats"),
      keys.count == values.count
    else { throw operation.failure("expected as many keys_int64s as values_floats") }
    let fallback = try operation.float("default_float", default: 0)
    operation.ignore("default_int64", "default_string")
    var table: [Int: Float] = [:]
    for (key, value) in zip(keys, values) { table[key] = value }
    for index in leaves.numbers.indices {
      leaves.numbers[index] = Int(exactly: leaves.numbers[index]).flatMap { table[$0] } ?? fallback
    }
    return .leaves(leaves)
  }

  static func ensemble(_ operation: inout Operator, firstID: Int) throws(ONNXError) -> Traced {
    var rows = try operation.rows(0)
    guard rows.forest == nil, rows.dims.count == 1 else { throw operation.failure("expected one row of features a window") }
    let table = try TreeTable(&operation)
    var columns: [Int]?
    // Each tree of scikit-learn takes its own columns; they become the trees' features.
    if let (rest, last) = rows.before.droppingLast(), case .gather(let places) = last {
      columns = places
      rows = Rows(dims: [rest.outputs], before: rest)
    }
    let trees = try table.trees(features: columns?.count ?? rows.count, columns: columns, firstID: firstID)
    if trees.count == 1, table.scale == 1, table.offset == 0 {
      return .leaves(Leaves(base: rows.before, tree: trees[0].tree, numbers: trees[0].numbers))
    }
    do {
      var sum = Rows(ForestSum(base: rows.before, trees: trees), try LayerChain(inputs: 1))
      if table.scale != 1 { try sum.append(.elementwise(.divide, [table.scale])) }
      if table.offset != 0 { try sum.append(.elementwise(.add, [table.offset])) }
      return .rows(sum)
    } catch { throw operation.failure(error.reason) }
  }
}

/// The columns of a TreeEnsembleRegressor.
private struct TreeTable {
  private let object: String
  private let treeIDs, nodeIDs, features, trueIDs, falseIDs: [Int]
  private let modes: [String]
  private let thresholds: [Float]
  private var leafNumbers: [Place: Float] = [:]
  /// What the sum is divided by, and what is added behind.
  private(set) var scale: Float = 1, offset: Float = 0

  private struct Place: Hashable { let tree, node: Int }

  init(_ operation: inout Operator) throws(ONNXError) {
    object = operation.object
    (treeIDs, nodeIDs) = (try operation.ints("nodes_treeids") ?? [], try operation.ints("nodes_nodeids") ?? [])
    (trueIDs, falseIDs) = (try operation.ints("nodes_truenodeids") ?? [], try operation.ints("nodes_falsenodeids") ?? [])
    (features, modes) = (try operation.ints("nodes_featureids") ?? [], try operation.texts("nodes_modes") ?? [])
    thresholds = try operation.floats("nodes_values") ?? []
    operation.ignore("nodes_hitrates", "nodes_missing_value_tracks_true")
    let counts = [nodeIDs.count, trueIDs.count, falseIDs.count, features.count, modes.count, thresholds.count]
    guard !treeIDs.isEmpty, counts.allSatisfy({ $0 == treeIDs.count }) else {
      throw operation.failure("its nodes_ columns are not of one length above 0")
    }
    try readTargets(&operation)
    if try operation.text("aggregate_function", default: "SUM") == "AVERAGE" { scale = Float(Set(treeIDs).count) }
    try check(&operation)
  }

  private mutating func readTargets(_ operation: inout Operator) throws(ONNXError) {
    guard let trees = try operation.ints("target_treeids"), let nodes = try operation.ints("target_nodeids"),
      let ids = try operation.ints("target_ids"), let weights = try operation.floats("target_weights"),
      [nodes.count, ids.count, weights.count].allSatisfy({ $0 == trees.count }), ids.allSatisfy({ $0 == 0 })
    else { throw operation.failure("its target_ columns are not of one length, or for more than one target") }
    for index in trees.indices { leafNumbers[Place(tree: trees[index], node: nodes[index]), default: 0] += weights[index] }
    let base = try operation.floats("base_values") ?? []
    guard base.count <= 1 else { throw operation.failure("\(base.count) base_values, expected one") }
    offset = base.first ?? 0
  }

  private func check(_ operation: inout Operator) throws(ONNXError) {
    _ = try operation.int("n_targets", 1...1, default: 1)
    let function = try operation.text("aggregate_function", default: "SUM")
    guard function == "SUM" || function == "AVERAGE" else { throw operation.failure("aggregate_function \(function)") }
    guard try operation.text("post_transform", default: "NONE") == "NONE" else { throw operation.failure("post_transform") }
    if let other = modes.first(where: { $0 != "BRANCH_LEQ" && $0 != "LEAF" }) {
      throw operation.failure("splits of mode \(other), expected BRANCH_LEQ")
    }
  }

  /// - Parameter columns: which feature each of a tree's stands for.
  func trees(features count: Int, columns: [Int]?, firstID: Int) throws(ONNXError) -> [(tree: TracedTree, numbers: [Float])] {
    var rows: [Place: Int] = [:]
    for index in treeIDs.indices {
      guard rows.updateValue(index, forKey: Place(tree: treeIDs[index], node: nodeIDs[index])) == nil else {
        throw ONNXError(object, "node \(nodeIDs[index]) of tree \(treeIDs[index]) stands there twice")
      }
    }
    guard features.indices.allSatisfy({ modes[$0] == "LEAF" || (0..<count).contains(features[$0]) }) else {
      throw ONNXError(object, "a split of a feature beyond the \(count)th")
    }
    let roots = try roots(rows)
    var trees: [(TracedTree, [Float])] = []
    for root in roots { trees.append(try tree(root, rows, columns, id: firstID + trees.count)) }
    guard trees.reduce(0, { $0 + $1.0.nodes.count }) == treeIDs.count else {
      throw ONNXError(object, "nodes that no root leads to: a cycle")
    }
    return trees
  }

  /// The one node of each tree that no other leads to.
  private func roots(_ rows: [Place: Int]) throws(ONNXError) -> [Int] {
    var led = [Int](repeating: 0, count: treeIDs.count)
    for index in treeIDs.indices where modes[index] != "LEAF" {
      for child in [trueIDs[index], falseIDs[index]] {
        guard let row = rows[Place(tree: treeIDs[index], node: child)] else {
          throw ONNXError(object, "node \(nodeIDs[index]) of tree \(treeIDs[index]) leads to \(child), which is not there")
        }
        led[row] += 1
      }
    }
    guard led.allSatisfy({ $0 <= 1 }) else { throw ONNXError(object, "a node that two lead to: a cycle, or no tree") }
    let roots = led.indices.filter { led[$0] == 0 }
    guard Set(roots.map { treeIDs[$0] }).count == roots.count, roots.count == Set(treeIDs).count else {
      throw ONNXError(object, "a tree without one root: a cycle, or two trees of one number")
    }
    return roots
  }

  /// Nodes in the order in which they are met, so that children stand behind their parents.
  private func tree(
    _ root: Int, _ rows: [Place: Int], _ columns: [Int]?, id: Int
  ) throws(ONNXError) -> (tree: TracedTree, numbers: [Float]) {
    var (nodes, numbers, waiting) = ([LeafForest.Node](), [Float](), [root])
    var next = 0
    while next < waiting.count {
      let row = waiting[next]
      next += 1
      guard modes[row] != "LEAF" else {
        nodes.append(.leaf(Float(numbers.count)))
        numbers.append(leafNumbers[Place(tree: treeIDs[row], node: nodeIDs[row])] ?? 0)
        continue
      }
      let children = [trueIDs[row], falseIDs[row]].compactMap { rows[Place(tree: treeIDs[row], node: $0)] }
      nodes.append(
        LeafForest.Node(
          feature: columns?[features[row]] ?? features[row], value: thresholds[row], left: waiting.count, right: waiting.count + 1
        ))
      waiting += children
    }
    guard numbers.count < 1 << 24 else { throw ONNXError(object, "too many leaves") }
    return (TracedTree(id: id, nodes: nodes), numbers)
  }
}
