import Glibc
import Testing

@testable import Simulator

@Suite("Simulated speed")
struct ShaftMotionTests {
  private func stretch(_ fault: MachineSimulator.Fault, seconds: Double, _ change: (inout MachineSimulator.Machine) -> Void)
    -> MachineSimulator.Stretch
  {
    var machine = MachineSimulator.Machine()
    machine.sampleRateHz = 10_000
    change(&machine)
    var simulator = MachineSimulator(fault: fault, machine: machine, seed: 3)
    return simulator.next(Int(seconds * 10_000))
  }

  private func ramp(_ machine: inout MachineSimulator.Machine) {
    (machine.shaftHz, machine.endShaftHz, machine.rampSeconds) = (10, 30, 10)
  }

  @Test("on a ramp the speed goes evenly from start to end, and stays there")
  func speeds() {
    let speeds = stretch(.none, seconds: 12, ramp).shaftHz
    #expect(speeds[0] == 10)
    #expect(abs(speeds[50_000] - 20) < 1e-9 && abs(speeds[75_000] - 25) < 1e-9)
    #expect(speeds[100_000...].allSatisfy { $0 == 30 })
  }

  @Test("strikes follow the shaft's angle: as many as the sum of the speeds says, ever closer together")
  func strikes() {
    let run = stretch(.outer, seconds: 10, ramp)
    let turns = run.shaftHz.reduce(0, +) / 10_000
    #expect(abs(turns - 200) < 0.01)
    #expect(abs(Double(run.strikes.count) - 3.245 * turns) < 0.01 * 3.245 * turns)
    let (first, last) = (run.strikes.count { $0 < 10_000 }, run.strikes.count { $0 >= 90_000 })
    #expect(abs(Double(first) - 3.245 * 11) <= 2 && abs(Double(last) - 3.245 * 29) <= 2, "\(first), \(last)")
  }

  @Test("the tone follows the speed that is told, and its amplitude the square of it")
  func tone() {
    let run = stretch(.unbalance, seconds: 12) {
      ramp(&$0)
      ($0.noiseRMS, $0.harmonics) = (0, [])
    }
    let steady = run.samples[100_000..<120_000]
    #expect(abs((steady.max() ?? 0) - 0.4 * 9) < 0.001)
    let crossings = zip(steady, steady.dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect(abs(crossings - 60) <= 1)
  }

  @Test("a speed that fluctuates does so by as much as asked, slowly, and around the same mean")
  func fluctuation() {
    let speeds = stretch(.none, seconds: 60) { ($0.fluctuation, $0.fluctuationSeconds) = (0.01, 0.5) }.shaftHz
    let mean = speeds.reduce(0, +) / Double(speeds.count)
    let deviation = sqrt(speeds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(speeds.count))
    #expect(abs(mean / 25 - 1) < 0.005)
    #expect((0.007...0.013).contains(deviation / mean), "\(deviation / mean)")
    let steps = zip(speeds, speeds.dropFirst()).map { abs($0 - $1) / 25 }
    #expect((steps.max() ?? 1) < 0.002)
  }

  @Test("stretches of any length join without a seam, samples, strikes and speeds")
  func seams() {
    var machine = MachineSimulator.Machine()
    ramp(&machine)
    machine.fluctuation = 0.01
    for fault in MachineSimulator.Fault.allCases {
      var (one, many) = (
        MachineSimulator(fault: fault, machine: machine, seed: 9), MachineSimulator(fault: fault, machine: machine, seed: 9)
      )
      let whole = one.next(12_000)
      var (samples, strikes, speeds): ([Float], [Int], [Double]) = ([], [], [])
      for count in [1, 0, 999, 4096, 6904] {
        let piece = many.next(count)
        strikes += piece.strikes.map { $0 + samples.count }
        samples += piece.samples
        speeds += piece.shaftHz
      }
      #expect(samples == whole.samples && strikes == whole.strikes && speeds == whole.shaftHz, "\(fault)")
    }
  }
}
