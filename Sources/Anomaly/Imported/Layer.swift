import Glibc

/// A step of an imported model: values in, values out. Sizes are settled when a chain takes it.
package enum Layer: Sendable, Equatable {
  case dense(DenseLayer)
  /// With one number for all values, or one for each.
  case elementwise(Arithmetic, [Float])
  /// Value i is the input's value at the i-th place.
  case gather([Int])
  case convolution(Convolution)
  case pooling(Pooling)
  /// Every value `factor` times, in each of the channels.
  case upsampling(channels: Int, factor: Int)
  case activation(Activation)
}

/// What is done to a value x with a number c.
package enum Arithmetic: UInt32, Sendable, CaseIterable {
  case add, subtract, multiply, divide, minimum, maximum
  /// c - x, c / x, c to the power of x
  case subtractFrom, divideInto, powerOf

  package func callAsFunction(_ x: Float, _ c: Float) -> Float {
    switch self {
    case .add: x + c
    case .subtract: x - c
    case .multiply: x * c
    case .divide: x / c
    case .minimum: min(x, c)
    case .maximum: max(x, c)
    case .subtractFrom: c - x
    case .divideInto: c / x
    case .powerOf: powf(c, x)
    }
  }
}

/// A function of each value alone, as ONNX defines it.
package struct Activation: Sendable, Equatable {
  package enum Kind: UInt32, Sendable, CaseIterable {
    case relu, leakyRelu, elu, selu, sigmoid, tanh, softplus, softsign, hardSigmoid, clip
  }

  package let kind: Kind
  /// Slope, scale or lower limit; the second factor or upper limit.
  package let alpha, beta: Float

  package init(_ kind: Kind, alpha: Float = 0, beta: Float = 0) { (self.kind, self.alpha, self.beta) = (kind, alpha, beta) }

  package func callAsFunction(_ x: Float) -> Float {
    switch kind {
    case .relu: max(x, 0)
    case .leakyRelu: x < 0 ? alpha * x : x
    case .elu: x < 0 ? alpha * expm1f(x) : x
    case .selu: beta * (x <= 0 ? alpha * expm1f(x) : x)
    case .sigmoid: x >= 0 ? 1 / (1 + expf(-x)) : expf(x) / (1 + expf(x))
    case .tanh: tanhf(x)
    case .softplus: max(x, 0) + log1pf(expf(-abs(x)))
    case .softsign: x / (1 + abs(x))
    case .hardSigmoid: min(max(alpha * x + beta, 0), 1)
    case .clip: min(max(x, alpha), beta)
    }
  }
}

extension Layer {
  /// - Returns: how many values there are behind it, and its multiplications.
  /// - Throws: when it does not fit behind that many values.
  func size(behind count: Int) throws(ModelError) -> (outputs: Int, operations: Int) {
    switch self {
    case .dense(let layer):
      guard layer.inputs == count else { throw ModelError("takes \(layer.inputs) values, there are \(count)") }
      guard layer.weights.count == layer.inputs * layer.outputs, layer.bias.count == layer.outputs, layer.outputs > 0 else {
        throw ModelError("its weights are not \(layer.inputs) by \(layer.outputs)")
      }
      return (layer.outputs, layer.weights.count)
    case .elementwise(_, let numbers):
      guard numbers.count == 1 || numbers.count == count else { throw ModelError("\(numbers.count) numbers for \(count) values") }
      return (count, count)
    case .gather(let places):
      guard !places.isEmpty, places.allSatisfy((0..<count).contains) else {
        throw ModelError("takes a value beyond the \(count)th")
      }
      return (places.count, places.count)
    case .convolution(let convolution): return try convolution.size(behind: count)
    case .pooling(let pooling): return try pooling.size(behind: count)
    case .upsampling(let channels, let factor):
      guard (1...LayerChain.mostValues).contains(channels), count.isMultiple(of: channels), (1...1024).contains(factor) else {
        throw ModelError("cannot widen \(count) values in \(channels) channels \(factor) times")
      }
      return (count * factor, count * factor)
    case .activation: return (count, 16 * count)
    }
  }

  func apply(to input: [Float], outputs: Int) -> [Float] {
    switch self {
    case .dense(let layer):
      return [Float](unsafeUninitializedCapacity: outputs) { result, count in
        input.withUnsafeBufferPointer { input in
          guard let input = input.baseAddress, let result = result.baseAddress else { return }
          Kernels.dense(input, layer, into: result)
        }
        count = outputs
      }
    case .elementwise(let operation, let numbers):
      if numbers.count == 1 { return input.map { operation($0, numbers[0]) } }
      return zip(input, numbers).map { operation($0, $1) }
    case .gather(let places): return places.map { input[$0] }
    case .convolution(let convolution): return convolution.apply(to: input, outputs: outputs)
    case .pooling(let pooling): return pooling.apply(to: input, outputs: outputs)
    case .upsampling(_, let factor): return (0..<outputs).map { input[$0 / factor] }
    case .activation(let activation): return input.map { activation($0) }
    }
  }
}
