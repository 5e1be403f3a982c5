import Anomaly
import Glibc

/// Functions of single values, and of two.
enum ArithmeticOperators {
  static func activation(_ operation: inout Operator) throws(ONNXError) -> Traced {
    var rows = try operation.rows(0)
    try operation.append(.activation(try function(&operation)), to: &rows)
    return .rows(rows)
  }

  private static func function(_ operation: inout Operator) throws(ONNXError) -> Activation {
    switch operation.kind {
    case "Relu": return Activation(.relu)
    case "LeakyRelu": return Activation(.leakyRelu, alpha: try operation.float("alpha", default: 0.01))
    case "Elu": return Activation(.elu, alpha: try operation.float("alpha", default: 1))
    case "Selu":
      let alpha = try operation.float("alpha", default: 1.673_263_2)
      return Activation(.selu, alpha: alpha, beta: try operation.float("gamma", default: 1.050_701))
    case "Sigmoid": return Activation(.sigmoid)
    case "Tanh": return Activation(.tanh)
    case "Softplus": return Activation(.softplus)
    case "Softsign": return Activation(.softsign)
    case "HardSigmoid":
      let alpha = try operation.float("alpha", default: 0.2)
      return Activation(.hardSigmoid, alpha: alpha, beta: try operation.float("beta", default: 0.5))
    default: return try clip(operation)
    }
  }

  private static func clip(_ operation: Operator) throws(ONNXError) -> Activation {
    let (low, high) = (try operation.optionalConstant(1)?.numbers, try operation.optionalConstant(2)?.numbers)
    guard low?.count ?? 1 == 1, high?.count ?? 1 == 1 else { throw operation.failure("limits of more than one number") }
    let most = Float.greatestFiniteMagnitude
    return Activation(.clip, alpha: low?[0] ?? -most, beta: high?[0] ?? most)
  }

  /// - Parameters:
  ///   - forward: x with a constant behind it.
  ///   - backward: a constant with x behind it; `nil` where that is not understood.
  static func binary(_ operation: inout Operator, _ forward: Arithmetic?, _ backward: Arithmetic?) throws(ONNXError) -> Traced {
    guard operation.inputs.count == 2 else { throw operation.failure("\(operation.inputs.count) inputs, expected 2") }
    switch (try operation.input(0), try operation.input(1)) {
    case (.rows(let rows), .constant(let constant)):
      return .rows(try each(rows, forward, constant, operation))
    case (.constant(let constant), .rows(let rows)):
      return .rows(try each(rows, backward, constant, operation))
    case (.leaves(let leaves), .constant(let constant)): return .leaves(try each(leaves, forward, constant, operation))
    case (.constant(let constant), .leaves(let leaves)): return .leaves(try each(leaves, backward, constant, operation))
    case (.leaves(let x), .leaves(let y)): return try both(x, y, forward, operation)
    case (.rows, .rows), (.rows, .leaves), (.leaves, .rows), (.constant, .constant):
      throw operation.failure("joins two branches, or two constants; expected a chain")
    }
  }

  private static func each(_ rows: Rows, _ function: Arithmetic?, _ constant: Constant, _ operation: Operator) throws(ONNXError)
    -> Rows
  {
    guard let function else { throw operation.failure("of this order is not understood") }
    var rows = rows
    try operation.append(.elementwise(function, try operation.spread(constant, over: rows.dims)), to: &rows)
    return rows
  }

  private static func each(
    _ leaves: Leaves, _ function: Arithmetic?, _ constant: Constant, _ operation: Operator
  ) throws(ONNXError) -> Leaves {
    guard let function, constant.numbers.count == 1 else { throw operation.failure("expected one number") }
    var leaves = leaves
    leaves.numbers = leaves.numbers.map { function($0, constant.numbers[0]) }
    return leaves
  }

  private static func both(_ x: Leaves, _ y: Leaves, _ function: Arithmetic?, _ operation: Operator) throws(ONNXError) -> Traced {
    guard let function else { throw operation.failure("of two trees") }
    guard x.tree.id == y.tree.id else {
      guard function == .add else { throw operation.failure("of two trees; expected their sum") }
      return try sum([x, y], operation)
    }
    var result = x
    result.numbers = zip(x.numbers, y.numbers).map { function($0, $1) }
    return .leaves(result)
  }

  /// Of several trees' numbers, or of one's.
  static func sum(_ operation: inout Operator) throws(ONNXError) -> Traced {
    var leaves: [Leaves] = []
    for index in operation.inputs.indices {
      guard case .leaves(let next) = try operation.input(index) else { throw operation.failure("is understood of trees only") }
      leaves.append(next)
    }
    return try sum(leaves, operation)
  }

  private static func sum(_ leaves: [Leaves], _ operation: Operator) throws(ONNXError) -> Traced {
    guard let base = leaves.first?.base, leaves.allSatisfy({ $0.base == base }), Set(leaves.map(\.tree.id)).count == leaves.count
    else {
      throw operation.failure("of trees that look at different values")
    }
    let forest = ForestSum(base: base, trees: leaves.map { ($0.tree, $0.numbers) })
    do { return .rows(Rows(forest, try LayerChain(inputs: 1))) } catch { throw operation.failure(error.reason) }
  }

  /// 1 where it holds, else 0: of leaves only.
  static func comparison(_ operation: inout Operator, _ holds: (Float, Float) -> Bool) throws(ONNXError) -> Traced {
    guard case .leaves(var leaves) = try operation.input(0) else { throw operation.failure("is understood behind a tree only") }
    let constant = try operation.constant(1)
    guard constant.numbers.count == 1 else { throw operation.failure("expected one number") }
    leaves.numbers = leaves.numbers.map { holds($0, constant.numbers[0]) ? 1 : 0 }
    return .leaves(leaves)
  }

  static func negation(_ operation: inout Operator) throws(ONNXError) -> Traced {
    try scaled(operation, by: -1)
  }

  private static func scaled(_ operation: Operator, by factor: Float) throws(ONNXError) -> Traced {
    let constant = Constant(dims: [], numbers: [factor])
    switch try operation.input(0) {
    case .rows(let rows): return .rows(try each(rows, .multiply, constant, operation))
    case .leaves(let leaves): return .leaves(try each(leaves, .multiply, constant, operation))
    case .constant: throw operation.failure("of a constant")
    }
  }

  static func logarithm(_ operation: inout Operator) throws(ONNXError) -> Traced {
    guard case .leaves(var leaves) = try operation.input(0) else { throw operation.failure("is understood behind a tree only") }
    leaves.numbers = leaves.numbers.map { logf($0) }
    return .leaves(leaves)
  }
}
