import FoundationEssentials

/// A node of the graph with its inputs at hand. Attributes are asked for by name; whoever is done says so with `finish`, and what
/// nobody asked for is refused.
struct Operator {
  let kind: String
  let inputs: [Traced?]
  let outputs: [String]
  /// The kind with the node's name, for people.
  let object: String
  private let attributes: [String: ONNXAttribute]
  private var asked: Set<String> = []

  init(_ node: ONNXNode, inputs: [Traced?]) throws(ONNXError) {
    (kind, self.inputs, outputs) = (node.opType, inputs, node.output)
    object = Self.object(node)
    var attributes: [String: ONNXAttribute] = [:]
    for attribute in node.attribute {
      guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
        throw ONNXError(object, "says '\(attribute.name.prefix(80))' twice")
      }
      guard attribute.graph.isEmpty, attribute.graphs.isEmpty, attribute.sparseTensor.isEmpty, attribute.reference.isEmpty,
        attribute.tensors.isEmpty
      else { throw ONNXError(object, "holds a graph of its own, or sparse tensors, in '\(attribute.name.prefix(80))'") }
    }
    self.attributes = attributes
  }

  static func object(_ node: ONNXNode) -> String {
    let domain = node.domain.isEmpty ? "" : "\(node.domain.prefix(80))."
    return "\(domain)\(node.opType.prefix(80))" + (node.name.isEmpty ? "" : " '\(node.name.prefix(80))'")
  }

  func failure(_ reason: String) -> ONNXError { ONNXError(object, reason) }

  private mutating func attribute(_ name: String, _ kind: AttributeKind) throws(ONNXError) -> ONNXAttribute? {
    asked.insert(name)
    guard let attribute = attributes[name] else { return nil }
    guard attribute.type == kind.rawValue || attribute.type == 0 else { throw failure("'\(name)' is of another type") }
    return attribute
  }

  mutating func int(_ name: String, _ range: ClosedRange<Int>, default fallback: Int) throws(ONNXError) -> Int {
    guard let attribute = try attribute(name, .int) else { return fallback }
    guard range.contains(Int(attribute.i)) else {
      throw failure("\(name) \(attribute.i), expected \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(attribute.i)
  }

  mutating func float(_ name: String, default fallback: Float) throws(ONNXError) -> Float {
    guard let attribute = try attribute(name, .float) else { return fallback }
    guard attribute.f.isFinite else { throw failure("\(name) is not finite") }
    return attribute.f
  }

  mutating func text(_ name: String, default fallback: String) throws(ONNXError) -> String {
    guard let attribute = try attribute(name, .string) else { return fallback }
    return String(decoding: attribute.s.prefix(80), as: UTF8.self)
  }

  mutating func ints(_ name: String) throws(ONNXError) -> [Int]? { try attribute(name, .ints)?.ints.map { Int($0) } }

  mutating func floats(_ name: String) throws(ONNXError) -> [Float]? {
    guard let values = try attribute(name, .floats)?.floats else { return nil }
    guard values.allSatisfy(\.isFinite) else { throw failure("\(name) holds a number that is not finite") }
    return values
  }

  mutating func texts(_ name: String) throws(ONNXError) -> [String]? {
    try attribute(name, .strings)?.strings.map { String(decoding: $0.prefix(80), as: UTF8.self) }
  }

  mutating func tensor(_ name: String) throws(ONNXError) -> Constant? {
    guard let attribute = try attribute(name, .tensor) else { return nil }
    return try Constant(attribute.t)
  }

  /// Says that a value of no meaning here may stand.
  mutating func ignore(_ names: String...) { asked.formUnion(names) }

  func finish() throws(ONNXError) {
    if let unknown = attributes.keys.filter({ !asked.contains($0) }).sorted().first {
      throw failure("'\(unknown.prefix(80))' is not understood")
    }
  }

  // MARK: - Inputs

  func input(_ index: Int) throws(ONNXError) -> Traced {
    guard inputs.indices.contains(index), let input = inputs[index] else { throw failure("input \(index + 1) is missing") }
    return input
  }

  func rows(_ index: Int) throws(ONNXError) -> Rows {
    guard case .rows(let rows) = try input(index) else {
      throw failure("input \(index + 1) does not come from the model's input")
    }
    return rows
  }

  func constant(_ index: Int) throws(ONNXError) -> Constant {
    guard case .constant(let constant) = try input(index) else { throw failure("input \(index + 1) is not constant") }
    return constant
  }

  func optionalConstant(_ index: Int) throws(ONNXError) -> Constant? {
    inputs.indices.contains(index) && inputs[index] != nil ? try constant(index) : nil
  }

  /// A constant of one whole number for each place.
  func integers(_ index: Int) throws(ONNXError) -> [Int] {
    guard let integers = try constant(index).integers else { throw failure("input \(index + 1) holds no whole numbers") }
    return integers
  }
}
