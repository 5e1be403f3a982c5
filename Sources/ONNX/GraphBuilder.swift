import FoundationEssentials
import SwiftProtobuf

/// Puts a graph together, operator by operator. Every operator has one output, named by its kind and place.
struct GraphBuilder {
  private(set) var graph = ONNXGraph()

  /// - Returns: the output's name.
  mutating func add(
    _ kind: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [], output: String? = nil, domain: String = ""
  ) -> String {
    let name = "\(kind)_\(graph.node.count)"
    var node = ONNXNode()
    (node.opType, node.name, node.domain) = (kind, name, domain)
    (node.input, node.output, node.attribute) = (inputs, [output ?? name], attributes)
    graph.node.append(node)
    return node.output[0]
  }

  /// A constant of `values.count` = the product of `dims` numbers; no dims for a single one.
  mutating func constant(_ values: [Float], dims: [Int] = []) -> String {
    var tensor = ONNXTensor()
    tensor.name = "constant_\(graph.initializer.count)"
    tensor.dims = dims.map(Int64.init)
    tensor.dataType = TensorElement.float.rawValue
    tensor.rawData = values.withUnsafeBytes { Data($0) }
    graph.initializer.append(tensor)
    return tensor.name
  }

  mutating func input(_ name: String, columns: Int) { graph.input.append(Self.rows(name, columns)) }
  mutating func output(_ name: String, columns: Int) { graph.output.append(Self.rows(name, columns)) }
  mutating func name(_ name: String) { graph.name = name }

  /// float32 [N, columns].
  private static func rows(_ name: String, _ columns: Int) -> ONNXValue {
    var (rows, width) = (ONNXDimension(), ONNXDimension())
    rows.parameter = "N"
    width.value = Int64(columns)
    var value = ONNXValue()
    value.name = name
    value.type.tensor.element = TensorElement.float.rawValue
    value.type.tensor.shape.dim = [rows, width]
    return value
  }
}

/// What a tensor's elements are, in ONNX's numbers.
enum TensorElement: Int32 {
  case float = 1
  case int32 = 6
  case int64 = 7
  case bool = 9
  case double = 11
}

/// What an attribute holds, in ONNX's numbers.
enum AttributeKind: Int32 {
  case float = 1
  case int = 2
  case string = 3
  case tensor = 4
  case floats = 6
  case ints = 7
  case strings = 8
}

extension ONNXAttribute {
  private init(_ name: String, _ kind: AttributeKind) {
    self.init()
    (self.name, type) = (name, kind.rawValue)
  }

  init(_ name: String, int: Int) {
    self.init(name, .int)
    i = Int64(int)
  }
  init(_ name: String, string: String) {
    self.init(name, .string)
    s = Data(string.utf8)
  }
  init(_ name: String, ints: [Int]) {
    self.init(name, .ints)
    self.ints = ints.map(Int64.init)
  }
  init(_ name: String, floats: [Float]) {
    self.init(name, .floats)
    self.floats = floats
  }
  init(_ name: String, strings: [String]) {
    self.init(name, .strings)
    self.strings = strings.map { Data($0.utf8) }
  }
}
