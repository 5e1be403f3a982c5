/// RMS amplitude of every line of a recording: segments half overlapped or somewhat more, each mean-free and weighted, their
/// powers averaged (P. D. Welch, IEEE Trans. Audio Electroacoust. 15, 1967). A tone reads its own RMS, whatever the resolution;
/// noise reads √(density · resolution · noise bandwidth).
package struct AmplitudeSpectrum: Sendable {
  /// Hz from bin to bin.
  package let resolutionHz: Double
  /// Segments that were averaged.
  package let averages: Int
  /// RMS in the samples' unit, bins 0 … half the segment; bin 0 is 0, for the mean is taken off.
  package let rms: [Double]

  /// - Parameters:
  ///   - samples: finite, as many as a segment or more.
  ///   - segment: samples in a segment, even, 8 to 2²⁶.
  package init(
    of samples: UnsafeBufferPointer<Float>, sampleRateHz: Double, segment: Int, window: SpectrumWindow
  ) throws(SignalError) {
    guard let base = samples.baseAddress, (8...1 << 26).contains(segment), segment.isMultiple(of: 2), samples.count >= segment
    else {
      let reason = "a segment is an even number of samples from 8 to \(1 << 26), within the recording"
      throw SignalError("take spectrum", "of \(samples.count) samples by segments of \(segment)", reason: reason)
    }
    let segments = Segments(sampleCount: samples.count, length: segment)
    let (fft, weights) = (try RealFFT(count: segment), window.weights(segment))
    var power = [Double](repeating: 0, count: segment / 2 + 1)
    for start in segments.starts {
      Self.weigh(UnsafeBufferPointer(start: base + start, count: segment), weights, into: fft.samples)
      fft.transform()
      for k in 1..<power.count { power[k] += Double((fft.spectrum[k] * fft.spectrum[k]).sum()) }
    }
    resolutionHz = sampleRateHz / Double(segment)
    averages = segments.starts.count
    rms = Self.amplitudes(power, averages, gain: window.coherentGain * Double(segment))
  }

  /// Mean-free and weighted, in double precision: what is left of an offset of the samples' last digit would lie in the window's
  /// lobe around 0, and twice integrated stand above all else.
  private static func weigh(
    _ samples: UnsafeBufferPointer<Float>, _ weights: [Double], into weighted: UnsafeMutablePointer<Float>
  ) {
    var sum = 0.0
    for n in 0..<samples.count { sum += Double(samples[n]) }
    let mean = sum / Double(samples.count)
    for n in 0..<samples.count { weighted[n] = Float((Double(samples[n]) - mean) * weights[n]) }
  }

  /// √2/Σw for all bins but the last, which has no mirror: 1/Σw.
  private static func amplitudes(_ power: [Double], _ averages: Int, gain: Double) -> [Double] {
    power.enumerated().map { k, sum in
      (sum / Double(averages) * (k == power.count - 1 ? 1 : 2)).squareRoot() / gain
    }
  }

  /// Below this, integration would show little but drift of the sensor.
  package static let lowestIntegratedHz = 2.0

  /// The lines as another quantity in its working unit: m/s² → mm/s → µm, each step times 1000/ω; back, times ω/1000. Where a
  /// step integrates, lines below 2 Hz are 0.
  package func rms(as quantity: SignalUnit.Quantity, from unit: SignalUnit) -> [Double] {
    let steps = quantity.integrations - unit.quantity.integrations
    let lowestHz = steps > 0 ? Self.lowestIntegratedHz : 0
    return rms.enumerated().map { k, value in
      let frequencyHz = Double(k) * resolutionHz
      guard k > 0, frequencyHz >= lowestHz else { return 0 }
      let factor = 1000 / (2 * Double.pi * frequencyHz)
      let turned = (0..<abs(steps)).reduce(1) { product, _ in product * (steps > 0 ? factor : 1 / factor) }
      return value * unit.factorToWorkingUnit * turned
    }
  }
}

extension SignalUnit.Quantity {
  /// How often acceleration is to be integrated for it.
  fileprivate var integrations: Int {
    switch self {
    case .acceleration: 0
    case .velocity: 1
    case .displacement: 2
    }
  }
}

extension Segments {
  /// Stretches of `length` samples, even and at most `sampleCount`; as those of one second are laid.
  init(sampleCount: Int, length: Int) {
    let room = sampleCount - length
    let hops = (room + length / 2 - 1) / (length / 2)
    self.length = length
    starts = (0...hops).map { hops == 0 ? 0 : room * $0 / hops }
  }
}
