import Foundation

@testable import ONNX

/// The operators that the export uses, each as plain as its definition reads; one row at a time.
struct SlowGraph {
  private let graph: ONNXGraph
  private var values: [String: [Float]] = [:]

  init(_ graph: ONNXGraph) {
    self.graph = graph
    for tensor in graph.initializer { values[tensor.name] = tensor.rawData.floats }
  }

  func run(_ features: [Float]) -> (score: Float, probability: Float) {
    var copy = self
    copy.values["features"] = features
    for node in graph.node { copy.values[node.output[0]] = copy.result(of: node) }
    return (copy.values["score", default: [.nan]][0], copy.values["probability", default: [.nan]][0])
  }

  private func result(of node: ONNXNode) -> [Float] {
    let inputs = node.input.map { values[$0, default: []] }
    switch node.opType {
    case "Sub": return elementwise(inputs, -)
    case "Add": return elementwise(inputs, +)
    case "Mul": return elementwise(inputs, *)
    case "Div": return elementwise(inputs, /)
    case "Pow": return elementwise(inputs, powf)
    case "IsNaN": return inputs[0].map { $0.isNaN ? 1 : 0 }
    case "Where": return inputs[0].indices.map { inputs[0][$0] == 1 ? inputs[1][0] : inputs[2][$0] }
    case "Clip": return inputs[0].map { min(max($0, inputs[1][0]), inputs[2][0]) }
    case "Tanh": return inputs[0].map { tanhf($0) }
    case "Reciprocal": return inputs[0].map { 1 / $0 }
    case "ReduceMean": return [inputs[0].reduce(0, +) / Float(inputs[0].count)]
    case "Gemm": return gemm(inputs[0], inputs[1], inputs[2])
    case "TreeEnsembleRegressor": return [Trees(node).sum(inputs[0])]
    default: preconditionFailure("\(node.opType) has no twin")
    }
  }

  private func elementwise(_ inputs: [[Float]], _ apply: (Float, Float) -> Float) -> [Float] {
    let (a, b) = (inputs[0], inputs[1])
    return (0..<max(a.count, b.count)).map { apply(a.count == 1 ? a[0] : a[$0], b.count == 1 ? b[0] : b[$0]) }
  }

  private func gemm(_ input: [Float], _ weights: [Float], _ bias: [Float]) -> [Float] {
    bias.indices.map { o in input.indices.reduce(bias[o]) { $0 + input[$1] * weights[$1 * bias.count + o] } }
  }
}

private struct Trees {
  private let attributes: [String: ONNXAttribute]

  init(_ node: ONNXNode) { attributes = Dictionary(uniqueKeysWithValues: node.attribute.map { ($0.name, $0) }) }

  private func ints(_ name: String) -> [Int64] { attributes[name, default: .init()].ints }

  func sum(_ features: [Float]) -> Float {
    var sum: Float = 0
    let trees = ints("nodes_treeids")
    for tree in Set(trees) {
      let first = trees.firstIndex(of: tree) ?? 0
      var node = first
      while attributes["nodes_modes", default: .init()].strings[node] != Data("LEAF".utf8) {
        let goesLeft = features[Int(ints("nodes_featureids")[node])] <= attributes["nodes_values", default: .init()].floats[node]
        node = first + Int(ints(goesLeft ? "nodes_truenodeids" : "nodes_falsenodeids")[node])
      }
      let leaf = zip(ints("target_treeids"), ints("target_nodeids")).firstIndexWhere { $0 == tree && Int($1) == node - first }
      sum += attributes["target_weights", default: .init()].floats[leaf]
    }
    return sum
  }
}

extension Sequence {
  fileprivate func firstIndexWhere<A, B>(_ fits: (A, B) -> Bool) -> Int where Element == (A, B) {
    for (index, element) in enumerated() where fits(element.0, element.1) { return index }
    preconditionFailure("a leaf without a weight")
  }
}

extension Data {
  fileprivate var floats: [Float] {
    withUnsafeBytes { bytes in (0..<count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) } }
  }
}
