import Glibc
import Signal

@testable import Simulator

/// A fault's signal at 12,800 Hz and 1500 r/min, whose lines at whole and half orders lie on whole periods of it.
struct Simulated {
  static let rateHz = 12_800.0
  static let shaftHz = 25.0
  static let multiples = BearingMultiples(bpfo: 3.245, bpfi: 4.755, bsf: 2.555, ftf: 0.4056)

  let samples: [Float]

  init(
    _ fault: MachineSimulator.Fault, severity: Double = 1, seed: UInt64 = 1, seconds: Int = 4,
    _ change: (inout MachineSimulator.Machine) -> Void = { _ in }
  ) {
    var machine = MachineSimulator.Machine()
    machine.sampleRateHz = Self.rateHz
    change(&machine)
    var simulator = MachineSimulator(fault: fault, severity: severity, machine: machine, seed: seed)
    samples = simulator.next(seconds * Int(Self.rateHz)).samples
  }

  /// The bearing part that diagnosis names.
  func namedFault() throws -> NamedFault? { FaultLines.name(try lines()) }

  func lines() throws -> [LineMeasurement] {
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: Self.rateHz)
    let spectrum = samples.withUnsafeBufferPointer(analyzer.envelopeSpectrum)
    return FaultLines.find(in: spectrum, shaftHz: Self.shaftHz, multiples: Self.multiples)
  }

  /// Peak amplitude in g at an order of the shaft: one line of the discrete Fourier transform, slow and obvious.
  func amplitude(order: Double) -> Double {
    let step = 2 * Double.pi * order * Self.shaftHz / Self.rateHz
    let (real, imaginary) = samples.enumerated().reduce((0.0, 0.0)) { sums, sample in
      let (value, angle) = (Double(sample.element), step * Double(sample.offset))
      return (sums.0 + value * cos(angle), sums.1 + value * sin(angle))
    }
    return 2 * sqrt(real * real + imaginary * imaginary) / Double(samples.count)
  }
}
