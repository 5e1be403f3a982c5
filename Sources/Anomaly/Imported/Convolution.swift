/// One-dimensional convolution, or its transpose, over [channels][length].
package struct Convolution: Sendable, Equatable {
  /// Places, each 1 to 65,536; `padding` and `outputPadding` from 0 on.
  package struct Geometry: Sendable, Equatable {
    package var kernel, stride, dilation, groups: Int
    package var paddingLeft, paddingRight, outputPadding: Int

    package init(
      kernel: Int, stride: Int = 1, dilation: Int = 1, groups: Int = 1, paddingLeft: Int = 0, paddingRight: Int = 0,
      outputPadding: Int = 0
    ) {
      (self.kernel, self.stride, self.dilation, self.groups) = (kernel, stride, dilation, groups)
      (self.paddingLeft, self.paddingRight, self.outputPadding) = (paddingLeft, paddingRight, outputPadding)
    }
  }

  package let isTransposed: Bool
  package let inputChannels, outputChannels, length: Int
  package let geometry: Geometry
  /// [output channels][input channels / groups][kernel]; transposed [input channels][output channels / groups][kernel].
  package let weights: [Float]
  /// [output channels]
  package let bias: [Float]

  package init(
    isTransposed: Bool, inputChannels: Int, outputChannels: Int, length: Int, geometry: Geometry, weights: [Float], bias: [Float]
  ) {
    (self.isTransposed, self.inputChannels, self.outputChannels) = (isTransposed, inputChannels, outputChannels)
    (self.length, self.geometry, self.weights, self.bias) = (length, geometry, weights, bias)
  }

  /// May be below 1: then nothing is left.
  package var outputLength: Int {
    let reach = geometry.dilation * (geometry.kernel - 1) + 1
    let padding = geometry.paddingLeft + geometry.paddingRight
    if isTransposed { return geometry.stride * (length - 1) + geometry.outputPadding + reach - padding }
    return length + padding < reach ? 0 : (length + padding - reach) / geometry.stride + 1
  }

  func size(behind count: Int) throws(ModelError) -> (outputs: Int, operations: Int) {
    try check(count)
    let outputs = outputChannels * outputLength
    guard outputLength > 0, outputs <= LayerChain.mostValues else {
      throw ModelError("leaves \(outputLength) places of \(length)")
    }
    let perValue = (isTransposed ? outputChannels : inputChannels) / geometry.groups * geometry.kernel
    return (outputs, (isTransposed ? count : outputs) * perValue)
  }

  private func check(_ count: Int) throws(ModelError) {
    let places = 1...65_536
    guard (1...LayerChain.mostValues).contains(inputChannels), (1...LayerChain.mostValues).contains(outputChannels),
      (1...LayerChain.mostValues).contains(length), inputChannels * length == count
    else { throw ModelError("takes \(inputChannels) channels of \(length) values, there are \(count) in all") }
    guard [geometry.kernel, geometry.stride, geometry.dilation, geometry.groups].allSatisfy(places.contains),
      [geometry.paddingLeft, geometry.paddingRight, geometry.outputPadding].allSatisfy((0...65_536).contains)
    else { throw ModelError("a kernel, stride, dilation, group or padding that is not within 65536") }
    guard inputChannels.isMultiple(of: geometry.groups), outputChannels.isMultiple(of: geometry.groups) else {
      throw ModelError("\(inputChannels) and \(outputChannels) channels are not divisible into \(geometry.groups) groups")
    }
    let wanted = (isTransposed ? outputChannels : inputChannels) / geometry.groups * geometry.kernel
    guard weights.count == (isTransposed ? inputChannels : outputChannels) * wanted, bias.count == outputChannels else {
      throw ModelError("its weights are not those of \(inputChannels) to \(outputChannels) channels by \(geometry.kernel)")
    }
  }

  func apply(to input: [Float], outputs: Int) -> [Float] {
    let (inputs, perGroup) = (inputChannels / geometry.groups, outputChannels / geometry.groups)
    var result: [Float] = []
    result.reserveCapacity(outputs)
    for number in bias { result.append(contentsOf: repeatElement(number, count: outputLength)) }
    for output in 0..<outputChannels {
      for place in 0..<inputs {
        let source = output / perGroup * inputs + place
        let kernel = isTransposed ? source * perGroup + output % perGroup : output * inputs + place
        add(input, channel: source, to: &result, channel: output, kernel: kernel * geometry.kernel)
      }
    }
    return result
  }

  /// One channel's share of another.
  private func add(_ input: [Float], channel source: Int, to result: inout [Float], channel output: Int, kernel: Int) {
    let (first, outputLength) = (source * length, outputLength)
    for tap in 0..<geometry.kernel {
      let (weight, shift) = (weights[kernel + tap], tap * geometry.dilation - geometry.paddingLeft)
      if isTransposed {
        for i in 0..<length {
          let place = i * geometry.stride + shift
          if place >= 0, place < outputLength { result[output * outputLength + place] += weight * input[first + i] }
        }
      } else {
        for o in 0..<outputLength {
          let place = o * geometry.stride + shift
          if place >= 0, place < length { result[output * outputLength + o] += weight * input[first + place] }
        }
      }
    }
  }
}
