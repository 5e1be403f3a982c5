import Glibc
import Testing

@testable import Simulator

@Suite("Simulated machine")
struct MachineSimulatorTests {
  private let seconds = 4

  private func stretch(_ fault: MachineSimulator.Fault, seed: UInt64 = 1) -> MachineSimulator.Stretch {
    var simulator = MachineSimulator(fault: fault, seed: seed)
    return simulator.next(seconds * Int(simulator.machine.sampleRateHz))
  }

  @Test("the same seed gives the same samples, in one stretch or in many; another seed others")
  func seeds() {
    var pieces = MachineSimulator(fault: .inner, seed: 5)
    let whole = stretch(.inner, seed: 5)
    let joined = (0..<10).flatMap { _ in pieces.next(whole.samples.count / 10).samples }
    #expect(joined == Array(whole.samples.prefix(joined.count)))
    #expect(stretch(.inner, seed: 6).samples != whole.samples)
  }

  @Test("the defect strikes at its rate, a healthy bearing never", arguments: MachineSimulator.Fault.allCases)
  func rate(fault: MachineSimulator.Fault) {
    let expected = (MachineSimulator(fault: fault, seed: 1).strikesPerSecond ?? 0) * Double(seconds)
    #expect(abs(Double(stretch(fault).strikes.count) - expected) <= 0.01 * expected + (expected > 0 ? 1 : 0))
  }

  @Test("strikes come nearly evenly, but not exactly")
  func slip() {
    let strikes = stretch(.outer).strikes
    let intervals = zip(strikes.dropFirst(), strikes).map { Double($0 - $1) }
    let mean = intervals.reduce(0, +) / Double(intervals.count)
    let deviation = sqrt(intervals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(intervals.count))
    #expect(deviation / mean > 0.005 && deviation / mean < 0.02)
  }

  @Test("the signal is finite, centred, and as loud as it should be", arguments: MachineSimulator.Fault.allCases)
  func level(fault: MachineSimulator.Fault) {
    let samples = stretch(fault).samples.map(Double.init)
    let mean = samples.reduce(0, +) / Double(samples.count)
    let rms = sqrt(samples.reduce(0) { $0 + $1 * $1 } / Double(samples.count))
    #expect(samples.allSatisfy(\.isFinite) && abs(mean) < 0.01)
    #expect((fault == .none ? 0.15...0.2 : 0.2...1).contains(rms), "\(rms)")
  }

  @Test("a defect makes the signal spiky, a healthy one is near Gaussian")
  func kurtosis() {
    #expect(abs(kurtosis(stretch(.none).samples) - 3) < 0.3)
    for fault in [MachineSimulator.Fault.inner, .outer, .ball] { #expect(kurtosis(stretch(fault).samples) > 5, "\(fault)") }
  }

  @Test(
    "the squared signal shows the defect's own line, and a healthy one none",
    arguments: [
      (MachineSimulator.Fault.outer, 81.125), (.inner, 118.875), (.ball, 127.75),
    ])
  func line(fault: MachineSimulator.Fault, frequencyHz: Double) {
    let faulty = squared(stretch(fault).samples)
    let healthy = squared(stretch(.none).samples)
    #expect(ratio(faulty, frequencyHz) > 10, "\(ratio(faulty, frequencyHz))")
    #expect(ratio(healthy, frequencyHz) < 4, "\(ratio(healthy, frequencyHz))")
  }

  private func kurtosis(_ samples: [Float]) -> Double {
    let values = samples.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let (second, fourth) = values.reduce((0.0, 0.0)) { sums, value in
      let square = (value - mean) * (value - mean)
      return (sums.0 + square, sums.1 + square * square)
    }
    return fourth * Double(values.count) / (second * second)
  }

  /// A stand-in for the squared envelope, slow and obvious.
  private func squared(_ samples: [Float]) -> [Double] {
    let squares = samples.map { Double($0) * Double($0) }
    let mean = squares.reduce(0, +) / Double(squares.count)
    return squares.map { $0 - mean }
  }

  /// Amplitude at a line over the median of what lies 3 to 12 Hz beside it.
  private func ratio(_ values: [Double], _ frequencyHz: Double) -> Double {
    let line = (-2...2).map { amplitude(values, frequencyHz + Double($0) * 0.25) }.max() ?? 0
    let beside = (12...48).map { amplitude(values, frequencyHz + Double($0) * 0.25) }.sorted()
    return line / beside[beside.count / 2]
  }

  /// One line of the discrete Fourier transform.
  private func amplitude(_ values: [Double], _ frequencyHz: Double) -> Double {
    let step = 2 * Double.pi * frequencyHz / 24_414
    let (real, imaginary) = values.enumerated().reduce((0.0, 0.0)) { sums, value in
      (sums.0 + value.element * cos(step * Double(value.offset)), sums.1 + value.element * sin(step * Double(value.offset)))
    }
    return 2 * sqrt(real * real + imaginary * imaginary) / Double(values.count)
  }
}
