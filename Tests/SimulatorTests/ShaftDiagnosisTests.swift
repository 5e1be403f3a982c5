import Signal
import Testing

@testable import Simulator

/// What the diagnosis of shafts says about simulated machines.
@Suite("Diagnosis of simulated shafts")
struct SimulatedShaftDiagnosisTests {
  private func lines(of simulated: Simulated) throws -> ShaftLines {
    let analyzer = try BlockAnalyzer(sampleCount: simulated.samples.count, sampleRateHz: Simulated.rateHz)
    let density = simulated.samples.withUnsafeBufferPointer { analyzer.velocityDensity($0, unit: .gravity) }
    return ShaftLines(in: density, shaftHz: Simulated.shaftHz, parts: MachineParts(teeth: 23))
  }

  private func cause(_ fault: MachineSimulator.Fault, seed: UInt64, _ change: @escaping (inout MachineSimulator.Machine) -> Void)
    throws -> ShaftDiagnosis.Cause?
  {
    func lines(_ direction: MachineSimulator.Direction) throws -> ShaftLines {
      try self.lines(
        of: Simulated(fault, seed: seed) {
          $0.direction = direction
          change(&$0)
        })
    }
    return ShaftDiagnosis(radial: try lines(.radial), axial: try lines(.axial))?.cause
  }

  @Test(
    "each fault of the shaft is told by its lines",
    arguments: [MachineSimulator.Fault.unbalance, .misalignment, .looseness])
  func shaft(fault: MachineSimulator.Fault) throws {
    for seed in UInt64(1)...5 { #expect(try cause(fault, seed: seed) { _ in }?.rawValue == fault.rawValue, "seed \(seed)") }
  }

  @Test("a worn gear is told where the mesh makes up most of the velocity; a good one is not")
  func gear() throws {
    for seed in UInt64(1)...5 {
      #expect(try cause(.gear, seed: seed) { ($0.harmonics, $0.noiseRMS) = ([], 0.02) } == .gear, "seed \(seed)")
      let good = try cause(.none, seed: seed) { ($0.harmonics, $0.noiseRMS, $0.teeth) = ([], 0.02, 23) }
      #expect(good == nil, "seed \(seed)")
    }
  }
}
