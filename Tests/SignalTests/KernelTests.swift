import CKernels
import Glibc
import Testing

@testable import Signal

/// Each kernel beside a slow and obvious twin in double precision, over seeded random input of awkward lengths.
@Suite("Kernels")
struct KernelTests {
  static let counts = [1, 7, 8, 15, 16, 17, 100, 1023, 4096, 4097, 9001]

  @Test("moments", arguments: counts)
  func moments(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let samples = random.floats(count, in: -3...5)
    var centred = [Float](repeating: 0, count: count)
    let moments = Kernels.centre(samples, into: &centred, count: count)
    let mean = samples.reduce(0) { $0 + Double($1) } / Double(count)
    let power = { (p: Double) in samples.reduce(0) { $0 + pow(Double($1) - mean, p) } / Double(count) }
    expectClose(
      [moments.mean, moments.m2, moments.m3, moments.m4], [Float(mean), Float(power(2)), Float(power(3)), Float(power(4))],
      within: 1e-5)
    #expect(abs(Double(moments.peak) - (samples.map { abs(Double($0) - mean) }.max() ?? 0)) < 1e-5)
    expectClose(centred, samples.map { Float(Double($0) - mean) }, within: 1e-5)
  }

  @Test("a window of 16 million samples has the moments of the 4096 that it repeats")
  func longWindow() {
    var random = SplitMix64(seed: 7)
    let period = random.floats(4096, in: -1...3)
    var long: [Float] = []
    for _ in 0..<4096 { long += period }
    let (expected, magnitudes) = Self.measured(period)
    let (moments, longMagnitudes) = Self.measured(long)
    expectClose(
      [moments.mean, moments.m2, moments.m3, moments.m4, moments.peak],
      [expected.mean, expected.m2, expected.m3, expected.m4, expected.peak], within: 1e-5)
    expectClose(
      [longMagnitudes.mean, longMagnitudes.meanRoot, longMagnitudes.range],
      [magnitudes.mean, magnitudes.meanRoot, magnitudes.range],
      within: 1e-5)
    #expect(abs(Kernels.sum(long, count: long.count) / (4096 * Kernels.sum(period, count: 4096)) - 1) < 1e-6)
  }

  private static func measured(_ samples: [Float]) -> (SampleMoments, (mean: Float, meanRoot: Float, range: Float)) {
    var centred = [Float](repeating: 0, count: samples.count)
    let moments = Kernels.centre(samples, into: &centred, count: samples.count)
    return (moments, Kernels.magnitudes(centred, count: samples.count))
  }

  @Test("sum", arguments: [0] + counts)
  func sum(count: Int) {
    var random = SplitMix64(seed: UInt64(count) + 50)
    let values = random.floats(count, in: 0...1)
    #expect(abs(Double(Kernels.sum(values, count: count)) - values.reduce(0) { $0 + Double($1) }) < 1e-6 * Double(max(1, count)))
  }

  @Test("spectrum of real samples", arguments: [2, 4, 6, 14, 16, 18, 62, 64, 250, 1000])
  func realSpectrum(count: Int) throws {
    var random = SplitMix64(seed: UInt64(count) + 100)
    let samples = random.floats(count)
    let fft = try RealFFT(count: count)
    fft.samples.update(from: samples, count: count)
    fft.transform()
    for k in 0...count / 2 {
      let expected = fourier(samples, k)
      #expect(
        abs(Double(fft.spectrum[k].x) - expected.re) < 1e-4 && abs(Double(fft.spectrum[k].y) - expected.im) < 1e-4, "bin \(k)")
      if 0 < k, k < count / 2 {
        #expect(abs(fft.bin(k).x - fft.spectrum[k].x) < 1e-4 && abs(fft.bin(k).y - fft.spectrum[k].y) < 1e-4)
      }
    }
  }

  @Test("Hann density is that of the windowed samples", arguments: [4, 6, 18, 34, 250, 1000])
  func hannDensity(count: Int) throws {
    var random = SplitMix64(seed: UInt64(count) + 200)
    let samples = random.floats(count)
    let fft = try RealFFT(count: count)
    fft.samples.update(from: samples, count: count)
    fft.transform()
    var density = [Float](repeating: 0, count: count / 2 + 1)
    Kernels.hannDensity(fft.spectrum, into: &density, half: count / 2, scale: 0.5)
    let windowed = samples.enumerated().map { $1 * Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(count))) }
    for k in 0...count / 2 {
      let bin = fourier(windowed, k)
      let expected = (bin.re * bin.re + bin.im * bin.im) * (k == 0 || k == count / 2 ? 0.25 : 0.5)
      #expect(abs(Double(density[k]) - expected) < 1e-4 * max(1, expected), "bin \(k)")
    }
  }

  @Test("complex products and interleaved magnitudes", arguments: counts)
  func complexKernels(count: Int) {
    var random = SplitMix64(seed: UInt64(count) + 300)
    let a = (0..<count).map { _ in Complex(random.floats(1)[0], random.floats(1)[0]) }
    let b = (0..<count).map { _ in Complex(random.floats(1)[0], random.floats(1)[0]) }
    var product = a
    var magnitudes = [Float](repeating: 0, count: 2 * count)
    Kernels.multiply(a, b, into: &product, count: count)
    Kernels.interleaveMagnitudes(even: a, odd: b, into: &magnitudes, count: count)
    for k in 0..<count {
      #expect(abs(product[k].x - (a[k].x * b[k].x - a[k].y * b[k].y)) < 1e-6)
      #expect(abs(product[k].y - (a[k].x * b[k].y + a[k].y * b[k].x)) < 1e-6)
      #expect(abs(magnitudes[2 * k] - hypotf(a[k].x, a[k].y)) < 1e-6)
      #expect(abs(magnitudes[2 * k + 1] - hypotf(b[k].x, b[k].y)) < 1e-6)
    }
  }

  @Test("forest: padded trees give the path lengths that walking each tree gives", arguments: [1, 9, 10, 11, 100], [0, 1, 3, 8])
  func forest(trees: Int, depth: Int) {
    var random = SplitMix64(seed: UInt64(trees * 10 + depth))
    let features = random.floats(29)
    let inner = (1 << depth) - 1
    let splits = (0..<trees * inner).map { _ in
      thrum_split(threshold: Float.random(in: -1...1, using: &random), feature: Int32.random(in: 0..<29, using: &random))
    }
    let leaves = random.floats(trees << depth, in: 1...12)
    var expected: Float = 0
    for tree in 0..<trees {
      var node = 0
      while node < inner {
        let split = splits[tree * inner + node]
        node = features[Int(split.feature)] <= split.threshold ? 2 * node + 1 : 2 * node + 2
      }
      expected += leaves[tree << depth + node - inner]
    }
    let sum = thrum_forest_path_sum(features, splits, leaves, Int32(trees), Int32(depth))
    #expect(abs(sum - expected) <= 1e-4 * max(1, expected))
  }

  @Test("dense layer", arguments: [1, 8, 29], [1, 7, 8, 16, 29])
  func dense(inputs: Int, outputs: Int) {
    var random = SplitMix64(seed: UInt64(inputs * 100 + outputs))
    let (input, weights, bias) = (random.floats(inputs), random.floats(inputs * outputs), random.floats(outputs))
    var output = [Float](repeating: 0, count: outputs)
    thrum_dense(input, weights, bias, &output, Int32(inputs), Int32(outputs))
    for o in 0..<outputs {
      let expected = (0..<inputs).reduce(bias[o]) { $0 + input[$1] * weights[$1 * outputs + o] }
      #expect(abs(output[o] - expected) < 1e-5)
    }
  }

  @Test("several rows through a dense layer give the bits of one by one", arguments: [1, 4, 7], [1, 7, 8, 16, 29, 60])
  func denseRows(rows: Int, outputs: Int) {
    var random = SplitMix64(seed: UInt64(rows * 100 + outputs))
    let inputs = 13
    let (input, weights, bias) = (random.floats(rows * inputs), random.floats(inputs * outputs), random.floats(outputs))
    var (output, one) = ([Float](repeating: 0, count: rows * outputs), [Float](repeating: 0, count: outputs))
    thrum_dense_rows(input, weights, bias, &output, Int32(rows), Int32(inputs), Int32(outputs))
    for row in 0..<rows {
      thrum_dense(Array(input[(row * inputs)...]), weights, bias, &one, Int32(inputs), Int32(outputs))
      #expect(Array(output[row * outputs..<(row + 1) * outputs]) == one)
    }
  }

  @Test("squared distance", arguments: [1, 7, 8, 29, 60])
  func squaredDistance(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let (a, b) = (random.floats(count), random.floats(count))
    let expected = zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    #expect(abs(Double(thrum_squared_distance(a, b, Int32(count))) - expected) < 1e-5)
  }

  @Test("tanh over its whole range, in any number")
  func tanh() {
    var values = stride(from: -20, through: 20, by: 0.0013).map { Float($0) } + [0, -0.0, 1e-30, .infinity, -.infinity]
    let expected = values.map { tanhf($0) }
    thrum_tanh(&values, Int32(values.count))
    for (ours, exact) in zip(values, expected) { #expect(abs(ours - exact) <= 4e-7 && abs(ours) <= 1) }
  }
}

/// Bin k of the discrete Fourier transform, by its definition.
private func fourier(_ samples: [Float], _ k: Int) -> (re: Double, im: Double) {
  var (re, im) = (0.0, 0.0)
  for (n, sample) in samples.enumerated() {
    let angle = -2 * Double.pi * Double(k * n % samples.count) / Double(samples.count)
    re += Double(sample) * cos(angle)
    im += Double(sample) * sin(angle)
  }
  return (re, im)
}
