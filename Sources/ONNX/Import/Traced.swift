import Anomaly

/// What a name of the graph stands for, as far as it can be said before any window is there.
enum Traced {
  case constant(Constant)
  /// Of each window, values that layers have made of it, or of a forest's sum.
  case rows(Rows)
  /// Of each window, a number that depends on nothing but the leaf of one tree it falls into.
  case leaves(Leaves)

  /// Its numbers.
  var count: Int {
    switch self {
    case .constant(let constant): constant.numbers.count
    case .rows(let rows): rows.count
    case .leaves(let leaves): leaves.numbers.count
    }
  }
}

/// One row of values a window.
struct Rows {
  /// Without the windows' own dimension; their product is the number of values.
  var dims: [Int]
  private(set) var before: LayerChain
  private(set) var forest: ForestSum?
  private(set) var after: LayerChain?

  init(dims: [Int], before: LayerChain) { (self.dims, self.before) = (dims, before) }

  init(_ forest: ForestSum, _ after: LayerChain) {
    (dims, before, self.forest, self.after) = ([1], forest.base, forest, after)
  }

  var count: Int { dims.reduce(1, *) }

  /// - Parameter dims: of the values behind it.
  mutating func append(_ layer: Layer, dims: [Int]? = nil) throws(ModelError) {
    if var after {
      try after.append(layer)
      self.after = after
    } else {
      try before.append(layer)
    }
    if let dims { self.dims = dims }
  }

  /// The same values, seen in another shape.
  func shaped(_ dims: [Int]) -> Rows {
    var copy = self
    copy.dims = dims
    return copy
  }
}

/// A function of the leaf: a number for each, in the order of `tree.leaves`.
struct Leaves {
  let base: LayerChain
  let tree: TracedTree
  var numbers: [Float]
}

struct TracedTree {
  /// Tells trees of one graph apart.
  let id: Int
  /// Leaves hold their own place in the order of leaves.
  let nodes: [LeafForest.Node]
}

/// Functions of several trees' leaves, added up.
struct ForestSum {
  let base: LayerChain
  var trees: [(tree: TracedTree, numbers: [Float])]

  /// The trees with their numbers in the leaves.
  func forest(features: Int) throws(ModelError) -> LeafForest {
    var (nodes, roots): ([LeafForest.Node], [Int]) = ([], [])
    for (tree, numbers) in trees {
      let start = nodes.count
      roots.append(start)
      for var node in tree.nodes {
        if node.feature < 0 {
          node.value = numbers[Int(node.value)]
        } else {
          (node.left, node.right) = (node.left + start, node.right + start)
        }
        nodes.append(node)
      }
    }
    return try LeafForest(nodes: nodes, roots: roots, features: features)
  }
}
