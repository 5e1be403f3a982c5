/// The greatest or mean value of each stretch of [channels][length].
package struct Pooling: Sendable, Equatable {
  package let isMaximum: Bool
  package let channels, length, kernel, stride, paddingLeft, paddingRight: Int
  /// Whether a mean is over the padding, as zeros, too.
  package let countsPadding: Bool

  package init(
    isMaximum: Bool, channels: Int, length: Int, kernel: Int, stride: Int, paddingLeft: Int = 0, paddingRight: Int = 0,
    countsPadding: Bool = false
  ) {
    (self.isMaximum, self.channels, self.length, self.kernel) = (isMaximum, channels, length, kernel)
    (self.stride, self.paddingLeft, self.paddingRight) = (stride, paddingLeft, paddingRight)
    self.countsPadding = countsPadding
  }

  package var outputLength: Int {
    let padded = length + paddingLeft + paddingRight
    return padded < kernel ? 0 : (padded - kernel) / stride + 1
  }

  func size(behind count: Int) throws(ModelError) -> (outputs: Int, operations: Int) {
    let sizes = 1...LayerChain.mostValues
    guard sizes.contains(channels), sizes.contains(length), channels * length == count, sizes.contains(kernel),
      sizes.contains(stride)
    else { throw ModelError("takes \(channels) channels of \(length) values, there are \(count) in all") }
    guard (0..<kernel).contains(paddingLeft), (0..<kernel).contains(paddingRight), outputLength > 0 else {
      throw ModelError("a padding of \(paddingLeft) and \(paddingRight) for a kernel of \(kernel) over \(length) values")
    }
    let outputs = channels * outputLength
    guard outputs <= LayerChain.mostValues else { throw ModelError("more than \(LayerChain.mostValues) values behind it") }
    return (outputs, outputs * kernel)
  }

  func apply(to input: [Float], outputs: Int) -> [Float] {
    (0..<outputs).map { index in
      let (channel, start) = (index / outputLength, index % outputLength * stride - paddingLeft)
      let stretch = input[channel * length + max(0, start)..<channel * length + max(max(0, start), min(length, start + kernel))]
      if isMaximum { return stretch.max() ?? 0 }
      return stretch.reduce(0, +) / Float(countsPadding ? kernel : max(1, stretch.count))
    }
  }
}
