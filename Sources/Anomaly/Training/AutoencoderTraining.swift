import Signal
import Glibc

extension Autoencoder {
  /// Steps of plain Adam, always as many: what a gateway spends on a point does not depend on its baseline.
  private static let steps = 1500
  private static let batch = 16
  private static let rate: Float = 3e-3

  static func learn(_ windows: FeatureTable, seed: UInt64) -> Autoencoder {
    var random = SplitMix64(seed: seed)
    var trainer = AutoencoderTrainer(widths: widths(features: windows.features), random: &random)
    var order: [Int] = []
    for _ in 0..<steps {
      for _ in 0..<batch {
        if order.isEmpty { order = Array(0..<windows.count).shuffled(using: &random) }
        let row = order.removeLast()
        windows[row].withUnsafeBufferPointer { trainer.addSample($0, share: 1 / Float(batch)) }
      }
      trainer.step(rate: rate)
    }
    return Autoencoder(layers: trainer.layers)
  }
}

/// Backpropagation through dense layers with tanh between them, and Adam.
struct AutoencoderTrainer {
  var layers: [DenseLayer]
  private(set) var gradients: [DenseLayer]
  private var first, second: [DenseLayer]
  /// What each layer takes in; the last is the network's output.
  private var activations: [[Float]]
  private var error, behind: [Float]
  private var time = 0

  init(widths: [Int], random: inout SplitMix64) {
    let pairs = Array(zip(widths, widths.dropFirst()))
    layers = pairs.map { Self.initial($0, $1, &random) }
    gradients = pairs.map { .zeros($0, $1) }
    (first, second) = (gradients, gradients)
    activations = widths.map { [Float](repeating: 0, count: $0) }
    error = [Float](repeating: 0, count: widths.max() ?? 0)
    behind = error
  }

  /// Uniform within √(6 / (inputs + outputs)) (Glorot, Bengio, AISTATS 2010).
  private static func initial(_ inputs: Int, _ outputs: Int, _ random: inout SplitMix64) -> DenseLayer {
    var layer = DenseLayer.zeros(inputs, outputs)
    let limit = (6 / Double(inputs + outputs)).squareRoot()
    for i in layer.weights.indices { layer.weights[i] = Float((2 * random.uniform() - 1) * limit) }
    return layer
  }

  /// Adds the gradient of one sample's mean squared error.
  mutating func addSample(_ sample: UnsafeBufferPointer<Float>, share: Float) {
    for i in sample.indices { activations[0][i] = sample[i] }
    for (index, layer) in layers.enumerated() {
      Kernels.dense(activations[index], layer, into: &activations[index + 1])
      if index < layers.count - 1 { Kernels.tanh(&activations[index + 1], count: layer.outputs) }
    }
    for i in sample.indices { error[i] = 2 * share / Float(sample.count) * (activations[layers.count][i] - sample[i]) }
    for index in layers.indices.reversed() { goBack(through: index) }
  }

  private mutating func goBack(through index: Int) {
    Kernels.addGradient(input: activations[index], output: error, to: &gradients[index])
    guard index > 0 else { return }
    Kernels.backward(error, layers[index], into: &behind)
    for i in 0..<layers[index].inputs { behind[i] *= 1 - activations[index][i] * activations[index][i] }
    swap(&error, &behind)
  }

  mutating func step(rate: Float) {
    time += 1
    let rate = rate / (1 - powf(0.9, Float(time)))
    let correction = 1 / (1 - powf(0.999, Float(time)))
    for i in layers.indices {
      Kernels.adam(
        &layers[i].weights, &gradients[i].weights, &first[i].weights, &second[i].weights, rate: rate, secondCorrection: correction
      )
      Kernels.adam(&layers[i].bias, &gradients[i].bias, &first[i].bias, &second[i].bias, rate: rate, secondCorrection: correction)
    }
  }
}
