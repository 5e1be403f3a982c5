import Anomaly

/// Weights by rows, and each value by a number of its own.
enum DenseOperators {
  /// alpha · A · B + beta · C
  static func gemm(_ operation: inout Operator) throws(ONNXError) -> Traced {
    _ = try operation.int("transA", 0...0, default: 0)
    let isTransposed = try operation.int("transB", 0...1, default: 0) == 1
    let (alpha, beta) = (try operation.float("alpha", default: 1), try operation.float("beta", default: 1))
    let weights = try operation.constant(1)
    guard weights.dims.count == 2 else { throw operation.failure("weights of \(weights.dims.count) dimensions, expected 2") }
    let (inputs, outputs) = isTransposed ? (weights.dims[1], weights.dims[0]) : (weights.dims[0], weights.dims[1])
    let bias = try bias(operation, outputs, beta)
    let numbers = isTransposed ? transposed(weights.numbers, rows: outputs, columns: inputs) : weights.numbers
    return try dense(&operation, inputs, outputs, numbers.map { $0 * alpha }, bias)
  }

  private static func bias(_ operation: Operator, _ outputs: Int, _ beta: Float) throws(ONNXError) -> [Float] {
    guard let constant = try operation.optionalConstant(2) else { return [Float](repeating: 0, count: outputs) }
    let numbers = try operation.spread(constant, over: [outputs]).map { $0 * beta }
    return numbers.count == 1 ? [Float](repeating: numbers[0], count: outputs) : numbers
  }

  static func matMul(_ operation: inout Operator) throws(ONNXError) -> Traced {
    let weights = try operation.constant(1)
    guard weights.dims.count == 2 else { throw operation.failure("weights of \(weights.dims.count) dimensions, expected 2") }
    let bias = [Float](repeating: 0, count: weights.dims[1])
    return try dense(&operation, weights.dims[0], weights.dims[1], weights.numbers, bias)
  }

  private static func dense(
    _ operation: inout Operator, _ inputs: Int, _ outputs: Int, _ weights: [Float], _ bias: [Float]
  ) throws(ONNXError) -> Traced {
    var rows = try operation.rows(0)
    guard rows.dims.count == 1 else { throw operation.failure("takes rows of shape \(rows.dims), expected one dimension") }
    let layer = DenseLayer(inputs: inputs, outputs: outputs, weights: weights, bias: bias)
    try operation.append(.dense(layer), to: &rows, dims: [outputs])
    return .rows(rows)
  }

  private static func transposed(_ numbers: [Float], rows: Int, columns: Int) -> [Float] {
    (0..<numbers.count).map { numbers[$0 % rows * columns + $0 / rows] }
  }

  /// (x - mean) / √(variance + epsilon) · scale + bias, by channel.
  static func batchNormalization(_ operation: inout Operator) throws(ONNXError) -> Traced {
    var rows = try operation.rows(0)
    let epsilon = try operation.float("epsilon", default: 1e-5)
    operation.ignore("momentum")
    _ = try operation.int("training_mode", 0...0, default: 0)
    guard operation.outputs.count == 1, let channels = rows.dims.first else { throw operation.failure("is in training mode") }
    var numbers: [[Float]] = []
    for index in 1...4 {
      let constant = try operation.constant(index)
      guard constant.dims == [channels] else {
        throw operation.failure("input \(index + 1) of shape \(constant.dims), expected [\(channels)]")
      }
      let each = rows.count / channels
      numbers.append(constant.numbers.flatMap { [Float](repeating: $0, count: each) })
    }
    let factors = zip(numbers[0], numbers[3]).map { $0 / ($1 + epsilon).squareRoot() }
    guard factors.allSatisfy(\.isFinite) else { throw operation.failure("a variance that is not above 0") }
    try operation.append(.elementwise(.subtract, numbers[2]), to: &rows)
    try operation.append(.elementwise(.multiply, factors), to: &rows)
    try operation.append(.elementwise(.add, numbers[1]), to: &rows)
    return .rows(rows)
  }
}

extension Operator {
  /// Puts a layer behind what there is; what does not fit is refused in this operator's name.
  func append(_ layer: Layer, to rows: inout Rows, dims: [Int]? = nil) throws(ONNXError) {
    do { try rows.append(layer, dims: dims) } catch { throw failure(error.reason) }
  }

  /// The constant's numbers for values of shape `dims`, by ONNX's rules of broadcasting; one number stays one.
  func spread(_ constant: Constant, over dims: [Int]) throws(ONNXError) -> [Float] {
    if constant.numbers.count == 1, constant.dims.count <= dims.count + 1 { return constant.numbers }
    var own = constant.dims
    if own.count == dims.count + 1, own[0] == 1 { own.removeFirst() }
    guard own.count <= dims.count, !own.isEmpty else { throw failure("a constant of shape \(constant.dims) for rows of \(dims)") }
    own = [Int](repeating: 1, count: dims.count - own.count) + own
    guard zip(own, dims).allSatisfy({ $0 == 1 || $0 == $1 }) else {
      throw failure("a constant of shape \(constant.dims) for rows of \(dims)")
    }
    return (0..<dims.reduce(1, *)).map { constant.numbers[Self.place($0, dims, own)] }
  }

  /// Where the number for a value stands among those of shape `own`.
  private static func place(_ index: Int, _ dims: [Int], _ own: [Int]) -> Int {
    var (index, place, step) = (index, 0, 1)
    for axis in dims.indices.reversed() {
      if own[axis] > 1 { place += index % dims[axis] * step }
      step *= own[axis]
      index /= dims[axis]
    }
    return place
  }
}
