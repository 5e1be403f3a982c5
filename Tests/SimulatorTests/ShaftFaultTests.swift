import Testing

@testable import Simulator

/// Amplitudes in g at orders of the shaft, where each fault says it shows.
@Suite("Simulated shaft and gear faults")
struct ShaftFaultTests {
  private let healthy = Simulated(.none)

  @Test("unbalance: 1x, radially strong and axially weak, nothing else")
  func unbalance() {
    let radial = Simulated(.unbalance)
    #expect(radial.amplitude(order: 1) > 4 * healthy.amplitude(order: 1))
    for order in [0.5, 2, 3, 4] {
      #expect(abs(radial.amplitude(order: order) - healthy.amplitude(order: order)) < 0.005, "\(order)")
    }
    #expect(Simulated(.unbalance) { $0.direction = .axial }.amplitude(order: 1) < 0.4 * radial.amplitude(order: 1))
  }

  @Test("misalignment: 2x above 1x; axially 1x strong too", arguments: MachineSimulator.Direction.allCases)
  func misalignment(direction: MachineSimulator.Direction) {
    let simulated = Simulated(.misalignment) { $0.direction = direction }
    #expect(simulated.amplitude(order: 2) > 1.2 * simulated.amplitude(order: 1))
    #expect(simulated.amplitude(order: 2) > 5 * healthy.amplitude(order: 2))
    if direction == .axial { #expect(simulated.amplitude(order: 1) > 0.2) }
  }

  @Test("looseness: half an order and every whole one up to ten", arguments: [0.5, 1.5] + (1...10).map(Double.init))
  func looseness(order: Double) {
    #expect(Simulated(.looseness).amplitude(order: order) > 0.05)
    #expect([1, 2, 3].contains(order) || healthy.amplitude(order: order) < 0.01)
  }

  @Test("a worn gear: the mesh and its harmonics with sidebands at the shaft's speed; a good gear without them")
  func gear() {
    let (worn, good) = (Simulated(.gear), Simulated(.none) { $0.teeth = 23 })
    for mesh in [23.0, 46, 69] {
      #expect(worn.amplitude(order: mesh) > 0.04 && good.amplitude(order: mesh) > 0.04, "\(mesh)")
      let sidebands = { (one: Simulated) in max(one.amplitude(order: mesh - 1), one.amplitude(order: mesh + 1)) }
      #expect(sidebands(worn) > 0.2 * worn.amplitude(order: mesh), "\(mesh): \(sidebands(worn))")
      #expect(sidebands(good) < 0.01, "\(mesh)")
    }
    #expect(healthy.amplitude(order: 23) < 0.01)
  }

  @Test("a cracked tooth strikes once a turn, at the same angle")
  func tooth() {
    var simulator = MachineSimulator(fault: .tooth, seed: 1)
    let strikes = simulator.next(24_414 * 2).strikes
    #expect(strikes.count == 49 || strikes.count == 50)
    for (number, strike) in strikes.enumerated() { #expect(abs(Double(strike) - Double(number + 1) * 976.56) <= 1.01) }
  }

  @Test("a tone grows with the severity, and none is left of a fault without severity")
  func severity() {
    let amplitudes = [0, 0.5, 1, 2].map { Simulated(.misalignment, severity: $0).amplitude(order: 2) }
    #expect(zip(amplitudes, amplitudes.dropFirst()).allSatisfy { $0 < $1 }, "\(amplitudes)")
    #expect(abs(amplitudes[0] - healthy.amplitude(order: 2)) < 0.001)
  }

  @Test("no tone is folded back from above half the rate")
  func folding() {
    let simulated = Simulated(.none) { ($0.teeth, $0.noiseRMS) = (300, 0) }
    // 300 · 25 Hz = 7500 Hz, which would come back at 5300 Hz.
    #expect(simulated.amplitude(order: 212) < 1e-4)
  }
}
