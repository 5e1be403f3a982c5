import CKernels

/// The inner loops of CKernels in this room's terms: only importer of it here. Counts are the caller's to keep.
enum Kernels {
  /// A split of a tree: left if `features[feature] <= threshold`.
  typealias Split = thrum_split

  static func split(threshold: Float, feature: Int) -> Split { Split(threshold: threshold, feature: Int32(feature)) }
  static func parts(of split: Split) -> (threshold: Float, feature: Int) { (split.threshold, Int(split.feature)) }

  /// Sum of path lengths over trees of equal depth: `splits` is [trees][2^depth - 1] level by level, `leaves` [trees][2^depth].
  static func pathSum(_ features: UnsafePointer<Float>, splits: [Split], leaves: [Float], trees: Int, depth: Int) -> Float {
    thrum_forest_path_sum(features, splits, leaves, Int32(trees), Int32(depth))
  }

  /// output = bias + weightsᵀ · input, `weights` being [inputs][outputs].
  static func dense(_ input: UnsafePointer<Float>, _ layer: DenseLayer, into output: UnsafeMutablePointer<Float>) {
    thrum_dense(input, layer.weights, layer.bias, output, Int32(layer.inputs), Int32(layer.outputs))
  }

  /// The same for several rows, `input` being [rows][inputs] and `output` [rows][outputs]: the same bits, sooner.
  static func dense(
    _ input: UnsafePointer<Float>, rows: Int, _ layer: DenseLayer, into output: UnsafeMutablePointer<Float>
  ) {
    thrum_dense_rows(input, layer.weights, layer.bias, output, Int32(rows), Int32(layer.inputs), Int32(layer.outputs))
  }

  /// Σ (a - b)² over as many values as `a` has.
  static func squaredDistance(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
    guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
    return thrum_squared_distance(first, second, Int32(a.count))
  }

  static func tanh(_ values: UnsafeMutablePointer<Float>, count: Int) { thrum_tanh(values, Int32(count)) }

  /// Adds one sample's share to a layer's gradients.
  static func addGradient(input: UnsafePointer<Float>, output: UnsafePointer<Float>, to layer: inout DenseLayer) {
    thrum_dense_gradient(input, output, &layer.weights, &layer.bias, Int32(layer.inputs), Int32(layer.outputs))
  }

  /// The gradient at a layer's input.
  static func backward(_ gradient: UnsafePointer<Float>, _ layer: DenseLayer, into result: UnsafeMutablePointer<Float>) {
    thrum_dense_backward(layer.weights, gradient, result, Int32(layer.inputs), Int32(layer.outputs))
  }

  /// One step of Adam; zeroes the gradients.
  static func adam(
    _ parameters: inout [Float], _ gradients: inout [Float], _ first: inout [Float], _ second: inout [Float], rate: Float,
    secondCorrection: Float
  ) {
    thrum_adam(&parameters, &gradients, &first, &second, Int32(parameters.count), rate, secondCorrection)
  }
}
