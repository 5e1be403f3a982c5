import Signal
import Testing

@testable import Simulator

/// Simulated machines, whose speed is known.
@Suite("Speed estimated from vibration")
struct SpeedEstimateTests {
  private static let rateHz = 2560.0

  private func samples(
    _ fault: MachineSimulator.Fault, shaftHz: Double, seed: UInt64, seconds: Double,
    _ change: (inout MachineSimulator.Machine) -> Void
  ) -> [Float] {
    var machine = MachineSimulator.Machine()
    (machine.sampleRateHz, machine.shaftHz) = (Self.rateHz, shaftHz)
    machine.resonances = [MachineSimulator.Resonance(frequencyHz: 800)]
    // All of the noise lies below 1.3 kHz here: the shaft's lines stand above it as they do at the usual rate.
    machine.harmonics = [0.08, 0.04, 0.02]
    change(&machine)
    var simulator = MachineSimulator(fault: fault, machine: machine, seed: seed)
    return simulator.next(Int(seconds * Self.rateHz)).samples
  }

  private func estimate(_ samples: [Float], nominalHz: Double) -> SpeedEstimate? {
    SpeedEstimate(of: samples, sampleRateHz: Self.rateHz, nominalHz: nominalHz)
  }

  @Test(
    "whatever is wrong with the machine, the speed is found within 0.5 %, and believed",
    arguments: [MachineSimulator.Fault.none, .outer, .inner, .ball, .misalignment, .looseness, .gear, .tooth])
  func found(fault: MachineSimulator.Fault) throws {
    for (seed, part) in [0.91, 0.953, 1, 1.018, 1.09].enumerated() {
      let samples = self.samples(fault, shaftHz: 24 * part, seed: UInt64(seed), seconds: 4) { $0.slip = 0.02 }
      let estimate = try #require(self.estimate(samples, nominalHz: 24))
      #expect(abs(estimate.shaftHz / (24 * part) - 1) < 0.005, "\(estimate) for \(24 * part)")
      #expect(estimate.isBelieved, "\(estimate) for \(24 * part)")
    }
  }

  @Test("what is believed is right within 0.5 %, however much noise there is", arguments: [0.5, 1, 2, 4, 8])
  func noisy(noise: Double) throws {
    for seed in UInt64(1)...6 {
      let shaftHz = 24 * (0.92 + 0.026 * Double(seed))
      let samples = self.samples(.none, shaftHz: shaftHz, seed: seed, seconds: seed.isMultiple(of: 2) ? 2.5 : 6) {
        ($0.noiseRMS, $0.fluctuation) = (noise, 0.001)
      }
      let estimate = try #require(self.estimate(samples, nominalHz: 24))
      #expect(!estimate.isBelieved || abs(estimate.shaftHz / shaftHz - 1) < 0.005, "\(estimate) for \(shaftHz)")
    }
  }

  @Test("noise alone is not believed", arguments: [1.5, 3, 6])
  func noise(seconds: Double) {
    for seed in UInt64(1)...8 {
      let samples = self.samples(.none, shaftHz: 24, seed: seed, seconds: seconds) { $0.harmonics = [] }
      #expect(estimate(samples, nominalHz: 24)?.isBelieved != true)
    }
  }

  @Test("neither is one line alone, nor a shaft that is not in the range")
  func ambiguous() {
    for seed in UInt64(1)...4 {
      let one = samples(.none, shaftHz: 24, seed: seed, seconds: 4) { $0.harmonics = [0.3] }
      #expect(estimate(one, nominalHz: 24)?.isBelieved == false)
      let other = samples(.none, shaftHz: 31, seed: seed, seconds: 4) { _ in }
      #expect(estimate(other, nominalHz: 24)?.isBelieved == false)
    }
  }

  @Test("too few turns, too low a rate and silence give none")
  func none() {
    #expect(estimate([Float](repeating: 1, count: 100_000), nominalHz: 24) == nil)
    #expect(estimate(samples(.none, shaftHz: 24, seed: 1, seconds: 1.2) { _ in }, nominalHz: 24) == nil)
    #expect(estimate(samples(.none, shaftHz: 24, seed: 1, seconds: 1) { _ in }, nominalHz: 1200) == nil)
    #expect(estimate([], nominalHz: 24) == nil && estimate([1, 2], nominalHz: -1) == nil)
  }
}
