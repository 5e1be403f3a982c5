/// Layers one behind the other, each fitting behind the one before.
package struct LayerChain: Sendable, Equatable {
  /// Values between two layers.
  package static let mostValues = 1 << 20
  static let mostLayers = 256
  /// Multiplications for one window: a second or so on a small gateway.
  static let mostOperations = 1 << 29

  package let inputs: Int
  /// Layers with the values behind each.
  private(set) var steps: [(layer: Layer, outputs: Int)] = []
  /// Multiplications for one window, about.
  package private(set) var operations = 0

  package var outputs: Int { steps.last?.outputs ?? inputs }
  package var layers: [Layer] { steps.map(\.layer) }

  /// - Parameter inputs: 1 to `mostValues`.
  package init(inputs: Int) throws(ModelError) {
    guard (1...Self.mostValues).contains(inputs) else { throw ModelError("\(inputs) values; expected 1 to \(Self.mostValues)") }
    self.inputs = inputs
  }

  /// - Throws: when it does not fit, or the chain would take too long.
  package mutating func append(_ layer: Layer) throws(ModelError) {
    let (outputs, added) = try layer.size(behind: outputs)
    guard outputs <= Self.mostValues, steps.count < Self.mostLayers else {
      throw ModelError("more than \(Self.mostValues) values or \(Self.mostLayers) layers")
    }
    guard added <= Self.mostOperations - operations else {
      throw ModelError("more than \(Self.mostOperations) multiplications for one window")
    }
    steps.append((layer, outputs))
    operations += added
  }

  /// The chain of its first layers.
  package func first(_ count: Int) throws(ModelError) -> LayerChain {
    guard (0...steps.count).contains(count) else { throw ModelError("the first \(count) of \(steps.count) layers") }
    var chain = try LayerChain(inputs: inputs)
    for step in steps.prefix(count) { try chain.append(step.layer) }
    return chain
  }

  /// - Returns: the chain without its last layer, and that.
  package func droppingLast() -> (LayerChain, Layer)? {
    guard let last = steps.last, let size = try? last.layer.size(behind: steps.dropLast().last?.outputs ?? inputs) else {
      return nil
    }
    var rest = self
    rest.steps.removeLast()
    rest.operations -= size.operations
    return (rest, last.layer)
  }

  /// - Parameter values: as many as `inputs`.
  package func run(_ values: [Float]) -> [Float] {
    steps.reduce(values) { $1.layer.apply(to: $0, outputs: $1.outputs) }
  }

  package static func == (x: Self, y: Self) -> Bool {
    x.inputs == y.inputs && x.steps.count == y.steps.count && zip(x.steps, y.steps).allSatisfy { $0.layer == $1.layer }
  }
}
