/// A narrow network that learned to reproduce healthy windows; what it cannot reproduce is strange.
/// Layers n-16-8-16-n, tanh but for the last.
struct Autoencoder: Detector {
  static let tag: UInt32 = 0x434E_4541  // "AENC"
  static let hidden = [16, 8, 16]

  var layers: [DenseLayer]

  /// Mean squared error of the reproduction.
  func score(_ features: UnsafeBufferPointer<Float>) -> Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: features.count) { errors in
      squaredErrors(features, into: errors)
      return errors.reduce(0, +) / Float(errors.count)
    }
  }

  /// Writes the squared error of every feature.
  func squaredErrors(_ features: UnsafeBufferPointer<Float>, into errors: UnsafeMutableBufferPointer<Float>) {
    let widest = max(features.count, Self.hidden.max() ?? 0)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * widest) { scratch in
      guard let base = scratch.baseAddress, var input = features.baseAddress else { return }
      for (index, layer) in layers.enumerated() {
        let output = base + (index % 2) * widest
        Kernels.dense(input, layer, into: output)
        if index < layers.count - 1 { Kernels.tanh(output, count: layer.outputs) }
        input = UnsafePointer(output)
      }
      for i in errors.indices { errors[i] = (features[i] - input[i]) * (features[i] - input[i]) }
    }
  }
}

/// output = bias + weightsᵀ · input.
package struct DenseLayer: Sendable, Equatable {
  package let inputs, outputs: Int
  /// [inputs][outputs]
  package var weights: [Float]
  package var bias: [Float]

  package init(inputs: Int, outputs: Int, weights: [Float], bias: [Float]) {
    (self.inputs, self.outputs, self.weights, self.bias) = (inputs, outputs, weights, bias)
  }

  static func zeros(_ inputs: Int, _ outputs: Int) -> DenseLayer {
    let weights = [Float](repeating: 0, count: inputs * outputs)
    return DenseLayer(inputs: inputs, outputs: outputs, weights: weights, bias: [Float](repeating: 0, count: outputs))
  }
}

extension Autoencoder {
  func encode(into file: inout ModelWriter) {
    for layer in layers {
      file.append(layer.weights)
      file.append(layer.bias)
    }
  }

  init(from file: inout ModelReader, features: Int) throws(ModelError) {
    let widths = Self.widths(features: features)
    layers = []
    for (inputs, outputs) in zip(widths, widths.dropFirst()) {
      let weights = try file.floats(inputs * outputs)
      layers.append(DenseLayer(inputs: inputs, outputs: outputs, weights: weights, bias: try file.floats(outputs)))
    }
  }

  static func widths(features: Int) -> [Int] { [features] + hidden + [features] }
}
