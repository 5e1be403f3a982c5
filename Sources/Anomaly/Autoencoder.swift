/// A narrow network that learned to reproduce healthy windows; what it cannot reproduce is strange.
/// Layers n-16-8-16-n, tanh but for the last.
struct Autoencoder: Detector {
  static let tag: UInt32 = 0x434E_4541  // "AENC"
  static let hidden = [16, 8, 16]

  var layers: [DenseLayer]

  /// Rows that go through the layers together: what they take of scratch stays in the nearest cache.
  private static let rowsAtOnce = 32

  /// Mean squared error of the reproduction.
  func score(_ features: UnsafeBufferPointer<Float>) -> Float {
    reproduce(features, rows: 1) { Kernels.squaredDistance(features, $0) / Float(features.count) }
  }

  /// Several rows' mean squared errors, to the bit as one by one.
  func scores(_ rows: UnsafeBufferPointer<Float>, into scores: UnsafeMutableBufferPointer<Float>) {
    let features = rows.count / max(1, scores.count)
    for start in stride(from: 0, to: scores.count, by: Self.rowsAtOnce) {
      let count = min(Self.rowsAtOnce, scores.count - start)
      let block = UnsafeBufferPointer(rebasing: rows[start * features..<(start + count) * features])
      reproduce(block, rows: count) { reproduced in
        for row in 0..<count {
          let span = row * features..<(row + 1) * features
          let distance = Kernels.squaredDistance(.init(rebasing: block[span]), .init(rebasing: reproduced[span]))
          scores[start + row] = distance / Float(features)
        }
      }
    }
  }

  /// Writes the squared error of every feature.
  func squaredErrors(_ features: UnsafeBufferPointer<Float>, into errors: UnsafeMutableBufferPointer<Float>) {
    reproduce(features, rows: 1) { reproduced in
      for i in errors.indices { errors[i] = (features[i] - reproduced[i]) * (features[i] - reproduced[i]) }
    }
  }

  /// - Parameter features: [rows][features], as is what `body` gets.
  private func reproduce<R>(
    _ features: UnsafeBufferPointer<Float>, rows: Int, _ body: (UnsafeBufferPointer<Float>) -> R
  ) -> R {
    let widest = max(features.count, rows * (Self.hidden.max() ?? 0))
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * widest) { scratch in
      guard let base = scratch.baseAddress, var input = features.baseAddress else { return body(features) }
      for (index, layer) in layers.enumerated() {
        let output = base + (index % 2) * widest
        Kernels.dense(input, rows: rows, layer, into: output)
        if index < layers.count - 1 { Kernels.tanh(output, count: rows * layer.outputs) }
        input = UnsafePointer(output)
      }
      return body(UnsafeBufferPointer(start: input, count: features.count))
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
