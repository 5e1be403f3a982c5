import Signal
import Testing

@testable import Simulator

/// What diagnosis finds in a simulated bearing is what was put in.
@Suite("Simulated bearing faults")
struct BearingFaultTests {
  static let seeds = Array(UInt64(1)...20)

  @Test(
    "diagnosis names the part that is at fault, and no other",
    arguments: [MachineSimulator.Fault.outer, .inner, .ball, .cage])
  func named(fault: MachineSimulator.Fault) throws {
    let names = try (UInt64(1)...5).map { try Simulated(fault, seed: $0).namedFault()?.rawValue }
    #expect(names.allSatisfy { $0 == fault.rawValue }, "\(names)")
  }

  @Test("a healthy machine names nothing, whatever the seed", arguments: seeds)
  func healthy(seed: UInt64) throws {
    let lines = try Simulated(.none, seed: seed, seconds: 2).lines()
    #expect(FaultLines.name(lines) == nil, "\(lines)")
  }

  @Test(
    "a fault of shaft or gear is taken for none of the bearing",
    arguments: [MachineSimulator.Fault.unbalance, .misalignment, .looseness, .gear, .tooth])
  func otherFaults(fault: MachineSimulator.Fault) throws {
    for seed in UInt64(1)...3 { #expect(try Simulated(fault, seed: seed).namedFault() == nil, "seed \(seed)") }
  }

  @Test("diagnosis holds while the speed wanders by half a per cent", arguments: [MachineSimulator.Fault.outer, .inner])
  func wandering(fault: MachineSimulator.Fault) throws {
    let simulated = Simulated(fault) { $0.fluctuation = 0.005 }
    #expect(try simulated.namedFault()?.rawValue == fault.rawValue)
  }

  @Test("the line grows with the severity, and without any severity the bearing is healthy")
  func severity() throws {
    let ratios = try [0, 0.3, 1].map { try Simulated(.outer, severity: $0).lines()[0].ratioToFloor }
    #expect(ratios[0] < 3 && ratios[0] < ratios[1] && ratios[1] < ratios[2], "\(ratios)")
  }

  @Test("an inner race strikes harder under the load: sidebands at the shaft's order around its own")
  func modulation() {
    func line(_ order: Double, _ fault: MachineSimulator.Fault) -> Double {
      Simulated(fault) {
        $0.slip = 0; $0.noiseRMS = 0; $0.harmonics = []
      }.squared.amplitude(order: order)
    }
    #expect(line(3.755, .inner) > 0.2 * line(4.755, .inner))
    #expect(line(2.245, .outer) < 0.02 * line(3.245, .outer))
  }

  @Test("every mode of the structure rings")
  func modes() {
    let simulated = Simulated(.outer) {
      $0.resonances = [.init(frequencyHz: 2000, dampingRatio: 0.02), .init(frequencyHz: 4500, dampingRatio: 0.02)]
      ($0.slip, $0.noiseRMS) = (0, 0)
    }
    func near(_ frequencyHz: Double) -> Double {
      let centre = (frequencyHz / (3.245 * 25)).rounded() * 3.245
      return simulated.amplitude(order: centre)
    }
    #expect(near(2000) > 5 * near(3200) && near(4500) > 5 * near(3200))
  }
}

extension Simulated {
  /// The samples' squares: a stand-in for the squared envelope.
  var squared: Simulated { Simulated(samples: samples.map { $0 * $0 }) }

  private init(samples: [Float]) { self.samples = samples }
}
