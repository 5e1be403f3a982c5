/// Trees of any shape whose leaves' values are added up.
package struct LeafForest: Sendable, Equatable {
  package struct Node: Sendable, Equatable {
    /// -1 for a leaf.
    package var feature: Int
    /// A split's threshold, or a leaf's value.
    package var value: Float
    /// Where a window goes whose feature is at most the threshold, and where any other.
    package var left, right: Int

    package static func leaf(_ value: Float) -> Node { Node(feature: -1, value: value, left: 0, right: 0) }

    package init(feature: Int, value: Float, left: Int, right: Int) {
      (self.feature, self.value, self.left, self.right) = (feature, value, left, right)
    }
  }

  package static let mostNodes = 1 << 20

  let nodes: [Node]
  let roots: [Int]

  /// - Throws: unless children stand behind their parents, so that every way ends, and every feature is there.
  package init(nodes: [Node], roots: [Int], features: Int) throws(ModelError) {
    guard nodes.count <= Self.mostNodes, !roots.isEmpty, roots.count <= nodes.count else {
      throw ModelError(
        "\(roots.count) trees of \(nodes.count) nodes; expected 1 tree or more and \(Self.mostNodes) nodes at most")
    }
    guard roots.allSatisfy(nodes.indices.contains) else { throw ModelError("a tree that begins nowhere") }
    for (index, node) in nodes.enumerated() where node.feature >= 0 {
      guard node.feature < features else { throw ModelError("a split of feature \(node.feature); there are \(features)") }
      guard (index + 1..<nodes.count).contains(node.left), (index + 1..<nodes.count).contains(node.right) else {
        throw ModelError("a split that leads nowhere, or back")
      }
    }
    (self.nodes, self.roots) = (nodes, roots)
  }

  var treeCount: Int { roots.count }

  func sum(_ features: [Float]) -> Float {
    roots.reduce(0) { sum, root in
      var node = nodes[root]
      while node.feature >= 0 { node = nodes[features[node.feature] <= node.value ? node.left : node.right] }
      return sum + node.value
    }
  }
}
