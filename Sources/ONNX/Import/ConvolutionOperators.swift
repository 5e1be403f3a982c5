import Anomaly

/// Operators along a window: one dimension, or two of which one has the length 1 (as Keras exports them).
enum ConvolutionOperators {
  static func convolution(_ operation: inout Operator, isTransposed: Bool) throws(ONNXError) -> Traced {
    let rows = try operation.rows(0)
    let line = try Line(rows.dims, operation)
    let weights = try operation.constant(1)
    let kernel = try line.alone(Array(weights.dims.dropFirst(2)), default: 1, "kernel", operation)
    guard weights.dims.count == rows.dims.count + 1 else { throw operation.failure("weights of shape \(weights.dims)") }
    let groups = try operation.int("group", 1...65_536, default: 1)
    let outputs = isTransposed ? weights.dims[1] * groups : weights.dims[0]
    guard (1...LayerChain.mostValues).contains(outputs) else { throw operation.failure("\(outputs) channels") }
    if let said = try operation.ints("kernel_shape") {
      guard said == Array(weights.dims.dropFirst(2)) else {
        throw operation.failure("kernel_shape \(said), its weights are \(weights.dims)")
      }
    }
    var geometry = Convolution.Geometry(
      kernel: kernel, stride: try line.along("strides", 1...65_536, default: 1, &operation),
      dilation: try line.along("dilations", 1...65_536, default: 1, &operation), groups: groups)
    if isTransposed { geometry.outputPadding = try line.along("output_padding", 0...65_536, default: 0, &operation) }
    let reach = geometry.dilation * (kernel - 1) + 1
    (geometry.paddingLeft, geometry.paddingRight) = try line.padding(
      &operation, reach: reach, stride: geometry.stride, isTransposed)
    let bias = try operation.optionalConstant(2)?.numbers ?? [Float](repeating: 0, count: outputs)
    let layer = Convolution(
      isTransposed: isTransposed, inputChannels: line.channels, outputChannels: outputs, length: line.length, geometry: geometry,
      weights: weights.numbers, bias: bias)
    return try behind(rows, operation, .convolution(layer), line) { line.dims(outputs, layer.outputLength) }
  }

  static func pooling(_ operation: inout Operator, isMaximum: Bool) throws(ONNXError) -> Traced {
    let rows = try operation.rows(0)
    let line = try Line(rows.dims, operation)
    guard operation.outputs.count == 1, let shape = try operation.ints("kernel_shape") else {
      throw operation.failure("expected a kernel_shape and one output")
    }
    let kernel = try line.alone(shape, default: 1, "kernel_shape", operation)
    guard (1...65_536).contains(kernel) else { throw operation.failure("kernel_shape \(shape)") }
    let stride = try line.along("strides", 1...65_536, default: 1, &operation)
    _ = try line.along("dilations", 1...1, default: 1, &operation)
    _ = try operation.int("ceil_mode", 0...0, default: 0)
    if isMaximum { operation.ignore("storage_order") }
    let counts = isMaximum ? false : try operation.int("count_include_pad", 0...1, default: 0) == 1
    let (left, right) = try line.padding(&operation, reach: kernel, stride: stride, false)
    let layer = Pooling(
      isMaximum: isMaximum, channels: line.channels, length: line.length, kernel: kernel, stride: stride, paddingLeft: left,
      paddingRight: right, countsPadding: counts)
    return try behind(rows, operation, .pooling(layer), line) { line.dims(line.channels, layer.outputLength) }
  }

  static func globalPooling(_ operation: inout Operator, isMaximum: Bool) throws(ONNXError) -> Traced {
    let rows = try operation.rows(0)
    let line = try Line(rows.dims, operation)
    let layer = Pooling(isMaximum: isMaximum, channels: line.channels, length: line.length, kernel: line.length, stride: 1)
    return try behind(rows, operation, .pooling(layer), line) { line.dims(line.channels, 1) }
  }

  /// Resize to a whole multiple by repetition: what frameworks call nearest-neighbour upsampling.
  static func resize(_ operation: inout Operator) throws(ONNXError) -> Traced {
    let rows = try operation.rows(0)
    let line = try Line(rows.dims, operation)
    let mode = try operation.text("mode", default: "nearest")
    let place = try operation.text("coordinate_transformation_mode", default: "half_pixel")
    let rounding = try operation.text("nearest_mode", default: "round_prefer_floor")
    operation.ignore("cubic_coeff_a", "extrapolation_value", "exclude_outside", "antialias", "keep_aspect_ratio_policy")
    let isPlain =
      (place == "asymmetric" && rounding == "floor") || (place.hasPrefix("half_pixel") && rounding.hasPrefix("round_prefer"))
    guard mode == "nearest", isPlain, try operation.ints("axes") == nil else {
      throw operation.failure("mode \(mode), \(place), \(rounding): expected nearest by repetition")
    }
    let factor = try factor(operation, rows.dims, line)
    return try behind(rows, operation, .upsampling(channels: line.channels, factor: factor), line) {
      line.dims(line.channels, line.length * factor)
    }
  }

  private static func factor(_ operation: Operator, _ dims: [Int], _ line: Line) throws(ONNXError) -> Int {
    var factors: [Float]
    if let scales = try operation.optionalConstant(2), !scales.numbers.isEmpty {
      factors = scales.numbers
    } else {
      let sizes = try operation.integers(3)
      guard sizes.count == dims.count + 1 else { throw operation.failure("sizes \(sizes)") }
      factors = [1] + zip(sizes.dropFirst(), dims).map { Float($0) / Float($1) }
    }
    guard factors.count == dims.count + 1, factors[0] == 1, factors[1] == 1 else { throw operation.failure("scales \(factors)") }
    let along = factors[line.axis + 1]
    for (axis, factor) in factors.enumerated().dropFirst(2) where axis != line.axis + 1 && factor != 1 {
      throw operation.failure("scales \(factors)")
    }
    guard let factor = Int(exactly: along), (1...1024).contains(factor) else {
      throw operation.failure("\(along) times, expected a whole number")
    }
    return factor
  }

  private static func behind(
    _ rows: Rows, _ operation: Operator, _ layer: Layer, _ line: Line, _ dims: () -> [Int]
  ) throws(ONNXError) -> Traced {
    var rows = rows
    try operation.append(layer, to: &rows)
    return .rows(rows.shaped(dims()))
  }
}

/// Channels, and the one dimension along which they have a length.
struct Line {
  let channels, length: Int
  /// Of the length, among the rows' dimensions.
  let axis: Int
  private let rank: Int

  init(_ dims: [Int], _ operation: Operator) throws(ONNXError) {
    guard dims.count == 2 || (dims.count == 3 && (dims[1] == 1 || dims[2] == 1)) else {
      throw operation.failure("takes rows of shape \(dims), expected channels and one length")
    }
    rank = dims.count
    axis = dims.count == 3 && dims[2] == 1 ? 1 : dims.count - 1
    (channels, length) = (dims[0], dims[axis])
  }

  func dims(_ channels: Int, _ length: Int) -> [Int] {
    rank == 2 ? [channels, length] : axis == 1 ? [channels, length, 1] : [channels, 1, length]
  }

  /// Of numbers for each dimension the one for the length; the others must be `fallback`.
  func alone(_ numbers: [Int], default fallback: Int, _ name: String, _ operation: Operator) throws(ONNXError) -> Int {
    guard numbers.count == rank - 1, numbers.enumerated().allSatisfy({ $0.offset == axis - 1 || $0.element == fallback }) else {
      throw operation.failure("\(name) \(numbers), expected one dimension")
    }
    return numbers[axis - 1]
  }

  func along(_ name: String, _ range: ClosedRange<Int>, default fallback: Int, _ operation: inout Operator) throws(ONNXError)
    -> Int
  {
    guard let numbers = try operation.ints(name) else { return fallback }
    let neutral = name == "output_padding" ? 0 : 1
    // A stride across the dimension of length 1 changes nothing.
    let one = numbers.count == rank - 1 ? numbers[axis - 1] : nil
    guard let one, range.contains(one),
      name == "strides" || numbers.indices.allSatisfy({ $0 == axis - 1 || numbers[$0] == neutral })
    else { throw operation.failure("\(name) \(numbers), expected one dimension of \(range.lowerBound) to \(range.upperBound)") }
    return one
  }

  /// From pads or auto_pad.
  /// - Parameter reach: of the kernel.
  func padding(
    _ operation: inout Operator, reach: Int, stride: Int, _ isTransposed: Bool
  ) throws(ONNXError) -> (left: Int, right: Int) {
    let automatic = try operation.text("auto_pad", default: "NOTSET")
    let pads = try operation.ints("pads")
    switch automatic {
    case "NOTSET":
      guard let pads else { return (0, 0) }
      guard pads.count == 2 * (rank - 1), pads.allSatisfy((0...65_536).contains) else { throw operation.failure("pads \(pads)") }
      let (first, last) = (Array(pads.prefix(rank - 1)), Array(pads.suffix(rank - 1)))
      return (try alone(first, default: 0, "pads", operation), try alone(last, default: 0, "pads", operation))
    case "VALID": return (0, 0)
    case "SAME_UPPER", "SAME_LOWER":
      guard !isTransposed else { throw operation.failure("auto_pad \(automatic) of a transposed convolution") }
      let total = max(0, ((length + stride - 1) / stride - 1) * stride + reach - length)
      let less = total / 2
      return automatic == "SAME_UPPER" ? (less, total - less) : (total - less, less)
    default: throw operation.failure("auto_pad \(automatic)")
    }
  }
}
