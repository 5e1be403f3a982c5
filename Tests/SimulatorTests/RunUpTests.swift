import Signal
import Testing

@testable import Simulator

@Suite("A simulated run-up")
struct RunUpTests {
  /// From 15 to 30 turns per second in 6 s; a mesh of 23 teeth.
  private func runUp() -> MachineSimulator.Stretch {
    var machine = MachineSimulator.Machine()
    (machine.sampleRateHz, machine.shaftHz, machine.endShaftHz, machine.rampSeconds) = (5120, 15, 30, 6)
    (machine.teeth, machine.noiseRMS, machine.fluctuation) = (23, 0.05, 0.003)
    var simulator = MachineSimulator(fault: .none, machine: machine, seed: 4)
    return simulator.next(6 * 5120)
  }

  /// The moments at which a tacho with one mark would see it, between samples by straight lines.
  private func pulses(_ run: MachineSimulator.Stretch) -> [Double] {
    var (pulses, turns) = ([Double](), 0.0)
    for (n, speed) in run.shaftHz.enumerated() {
      let next = turns + speed / 5120
      if next.rounded(.down) > turns.rounded(.down) {
        pulses.append((Double(n) + (next.rounded(.down) - turns) / (next - turns)) / 5120)
      }
      turns = next
    }
    return pulses
  }

  @Test("the mesh, smeared over hundreds of hertz, becomes one sharp order with a tacho, and with a recorded speed")
  func mesh() throws {
    let run = runUp()
    var request = SpectrumRequest(kind: .power, unit: .gravity)
    let smeared = try request.report(run.samples, sampleRateHz: 5120)
    let every = stride(from: 0, to: run.shaftHz.count, by: 256)
    let courses = [
      try ShaftAngle(pulses: pulses(run), perTurn: 1),
      try ShaftAngle(speeds: every.map { run.shaftHz[$0] }, seconds: every.map { Double($0) / 5120 }),
    ]
    for shaft in courses {
      request.kind = .order
      request.shaft = shaft
      let sharp = try request.report(run.samples, sampleRateHz: 5120)
      let orders = try #require(sharp.orders)
      let around = orders.indices.filter { abs(orders[$0] - 23) < 3 }
      let top = try #require(around.max { sharp.amplitude[$0] < sharp.amplitude[$1] })
      #expect(abs(orders[top] - 23) < 0.05)
      let others = around.filter { abs($0 - top) > 3 }.map { sharp.amplitude[$0] }
      #expect(sharp.amplitude[top] > 10 * (others.max() ?? 1), "\(sharp.amplitude[top]) beside \(others.max() ?? 1)")
      let inHertz = smeared.amplitude[(15 * 22)...(30 * 24)].max() ?? 1
      #expect(sharp.amplitude[top] > 3 * inHertz, "\(sharp.amplitude[top]), smeared \(inHertz)")
    }
  }

  @Test(
    "impacts of a race, smeared over tens of hertz, become one line of the envelope over the shaft's angle",
    arguments: [false, true])
  func bearing(isSquared: Bool) throws {
    var machine = MachineSimulator.Machine()
    (machine.sampleRateHz, machine.shaftHz, machine.endShaftHz, machine.rampSeconds) = (5120, 15, 30, 6)
    (machine.noiseRMS, machine.slip, machine.resonances) = (0.1, 0.005, [.init(frequencyHz: 1700)])
    var simulator = MachineSimulator(fault: .outer, machine: machine, seed: 7)
    let run = simulator.next(6 * 5120)
    var request = SpectrumRequest(kind: .envelope, unit: .gravity)
    (request.band, request.isSquared) = (.fixed(1200...2200), isSquared)
    let smeared = try request.report(run.samples, sampleRateHz: 5120)
    request.shaft = try ShaftAngle(pulses: pulses(run), perTurn: 1)
    request.multiples = BearingMultiples(bpfo: 3.245, bpfi: 4.755, bsf: 2.555, ftf: 0.4056)
    let sharp = try request.report(run.samples, sampleRateHz: 5120)
    let top = try #require(sharp.highestLines(1).first)
    #expect(abs(top.frequencyHz / (try #require(sharp.speed?.rpm) / 60) - 3.245) < 0.05)
    #expect(Float(top.amplitude) > 1.5 * (smeared.amplitude.dropFirst(20).max() ?? .infinity))
    let best = try #require(sharp.lines.max { $0.ratioToFloor < $1.ratioToFloor })
    #expect(best.name == "BPFO" && best.ratioToFloor > 4, "\(sharp.lines)")
    #expect(sharp.orders?.count == sharp.amplitude.count && sharp.bandHz == [1200, 2200])
  }
}
