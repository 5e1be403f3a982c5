import Anomaly

/// What leaves the values as they are, or only puts them into another order.
enum ShapeOperators {
  /// The input itself.
  static func same(_ operation: inout Operator) throws(ONNXError) -> Traced {
    operation.ignore("ratio", "seed")
    guard operation.outputs.count == 1 else { throw operation.failure("expected one output") }
    return try operation.input(0)
  }

  /// To float; of a leaf's number, to whole numbers as well.
  static func cast(_ operation: inout Operator) throws(ONNXError) -> Traced {
    let element = TensorElement(rawValue: Int32(try operation.int("to", 1...30, default: 0)))
    operation.ignore("saturate", "round_mode")
    switch (element, try operation.input(0)) {
    case (.float, let value): return value
    case (.int64, .leaves(var leaves)), (.int32, .leaves(var leaves)):
      leaves.numbers = leaves.numbers.map { $0.rounded(.towardZero) }
      return .leaves(leaves)
    default: throw operation.failure("to a type other than float")
    }
  }

  static func constant(_ operation: inout Operator) throws(ONNXError) -> Traced {
    if let tensor = try operation.tensor("value") { return .constant(tensor) }
    if let floats = try operation.floats("value_floats") { return .constant(Constant(dims: [floats.count], numbers: floats)) }
    if let ints = try operation.ints("value_ints") {
      return .constant(Constant(dims: [ints.count], numbers: ints.map { Float($0) }, integers: ints))
    }
    throw operation.failure("holds no tensor or numbers")
  }

  static func reshape(_ operation: inout Operator) throws(ONNXError) -> Traced {
    _ = try operation.int("allowzero", 0...0, default: 0)
    let wanted = try operation.integers(1)
    switch try operation.input(0) {
    case .leaves(let leaves):
      guard wanted == [-1, 1] || wanted == [-1] || wanted == [0, 1] else {
        throw operation.failure("to \(wanted), expected [-1, 1]")
      }
      return .leaves(leaves)
    case .rows(let rows): return .rows(rows.shaped(try dims(wanted, rows, operation)))
    case .constant: throw operation.failure("of a constant")
    }
  }

  private static func dims(_ wanted: [Int], _ rows: Rows, _ operation: Operator) throws(ONNXError) -> [Int] {
    guard let first = wanted.first, (-1...1).contains(first), (2...5).contains(wanted.count) else {
      throw operation.failure("to \(wanted), expected the windows' dimension first")
    }
    var dims = Array(wanted.dropFirst())
    for (axis, dim) in dims.enumerated() where dim == 0 {
      guard rows.dims.indices.contains(axis) else { throw operation.failure("to \(wanted)") }
      dims[axis] = rows.dims[axis]
    }
    let known = try product(dims.filter { $0 != -1 }, operation)
    if let free = dims.firstIndex(of: -1) {
      guard first != -1, dims.count(where: { $0 == -1 }) == 1, known > 0, rows.count.isMultiple(of: known) else {
        throw operation.failure("to \(wanted): more than one dimension is left open")
      }
      dims[free] = rows.count / known
    }
    guard try product(dims, operation) == rows.count else { throw operation.failure("\(rows.count) values to \(wanted)") }
    return dims
  }

  private static func product(_ dims: [Int], _ operation: Operator) throws(ONNXError) -> Int {
    var product = 1
    for dim in dims {
      guard (1...LayerChain.mostValues).contains(dim), product * dim <= LayerChain.mostValues else {
        throw operation.failure("a shape of \(dims)")
      }
      product *= dim
    }
    return product
  }

  static func flatten(_ operation: inout Operator) throws(ONNXError) -> Traced {
    _ = try operation.int("axis", 1...1, default: 1)
    let rows = try operation.rows(0)
    return .rows(rows.shaped([rows.count]))
  }

  /// Squeeze takes dimensions of length 1 away, Unsqueeze puts them in.
  static func squeeze(_ operation: inout Operator, isInverse: Bool) throws(ONNXError) -> Traced {
    let rows = try operation.rows(0)
    let rank = rows.dims.count + 1
    let axes = try operation.integers(1).map { $0 < 0 ? $0 + rank + (isInverse ? 1 : 0) : $0 }
    guard axes.count == 1, let axis = axes.first, (1..<rank + (isInverse ? 1 : 0)).contains(axis) else {
      throw operation.failure("axes \(axes), expected one behind the windows'")
    }
    var dims = rows.dims
    if isInverse {
      dims.insert(1, at: axis - 1)
    } else {
      guard dims.remove(at: axis - 1) == 1, !dims.isEmpty else { throw operation.failure("a dimension that is not 1") }
    }
    guard dims.count <= 4 else { throw operation.failure("more than 5 dimensions") }
    return .rows(rows.shaped(dims))
  }

  static func transpose(_ operation: inout Operator) throws(ONNXError) -> Traced {
    var rows = try operation.rows(0)
    guard let order = try operation.ints("perm"), order.first == 0, order.sorted() == Array(0...rows.dims.count) else {
      throw operation.failure("expected a perm that leaves the windows' dimension first")
    }
    let dims = order.dropFirst().map { rows.dims[$0 - 1] }
    let steps = rows.dims.indices.map { axis in rows.dims[(axis + 1)...].reduce(1, *) }
    let places = (0..<rows.count).map { index in
      var (rest, place) = (index, 0)
      for axis in dims.indices.reversed() {
        place += rest % dims[axis] * steps[order[axis + 1] - 1]
        rest /= dims[axis]
      }
      return place
    }
    if places != Array(0..<rows.count) { try operation.append(.gather(places), to: &rows) }
    return .rows(rows.shaped(dims))
  }

  /// Columns of a row.
  static func gather(_ operation: inout Operator) throws(ONNXError) -> Traced {
    var rows = try operation.rows(0)
    _ = try operation.int("axis", 1...1, default: 0)
    let indices = try operation.constant(1)
    guard rows.dims.count == 1, indices.dims.count == 1, let places = indices.integers else {
      throw operation.failure("expected columns of one row of values")
    }
    let columns = places.map { $0 < 0 ? $0 + rows.count : $0 }
    if columns != Array(0..<rows.count) { try operation.append(.gather(columns), to: &rows, dims: [columns.count]) }
    return .rows(rows)
  }
}
