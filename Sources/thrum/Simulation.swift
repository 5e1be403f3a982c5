import Contracts
import Simulator

/// A whole recording of a machine that does not exist, with what is known about it.
struct Simulation {
  let simulator: MachineSimulator
  let seed: UInt64
  private(set) var samples: [Float] = []
  private(set) var strikesS: [Double] = []
  /// A hundred times a second, or at every sample.
  private(set) var shaftHz: [Double] = []
  let speedStepS: Double

  init(
    _ fault: MachineSimulator.Fault, severity: Double, _ machine: MachineSimulator.Machine, seed: UInt64, seconds: Double
  ) {
    var simulator = MachineSimulator(fault: fault, severity: severity, machine: machine, seed: seed)
    self.simulator = simulator
    self.seed = seed
    let step = max(1, Int(machine.sampleRateHz / 100))
    speedStepS = Double(step) / machine.sampleRateHz
    let count = Int((seconds * machine.sampleRateHz).rounded())
    samples.reserveCapacity(count)
    while samples.count < count {
      let stretch = simulator.next(min(step, count - samples.count))
      strikesS += stretch.strikes.map { Double(samples.count + $0) / machine.sampleRateHz }
      shaftHz += stretch.shaftHz.prefix(1)
      samples += stretch.samples
    }
  }

  var rms: Double {
    (samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))).squareRoot()
  }

  var peak: Double { Double(samples.reduce(0) { max($0, abs($1)) }) }
}

/// What stands in FILE.truth.json.
struct SimulationTruth: Encodable {
  let simulated = true
  let fault: String
  let severity: Double
  let seed: UInt64
  let unit = "g"
  let format: String
  /// Value in the unit = number in the file × `scale`.
  let scale: Double
  let samples: Int
  let sampleRateHz: Double
  let rpm: Double
  let endRpm: Double?
  let machine: MachineSimulator.Machine
  let strikesS: [Double]
  let speed: Speed

  struct Speed: Encodable {
    let stepS: Double
    let rpm: [Double]
  }

  init(_ simulation: Simulation, format: String, scale: Double) {
    let simulator = simulation.simulator
    machine = simulator.machine
    (fault, severity, seed) = (simulator.fault.rawValue, simulator.severity, simulation.seed)
    (self.format, self.scale, samples) = (format, scale, simulation.samples.count)
    (sampleRateHz, rpm, endRpm) = (machine.sampleRateHz, machine.shaftHz * 60, machine.endShaftHz.map { $0 * 60 })
    strikesS = simulation.strikesS
    speed = Speed(stepS: simulation.speedStepS, rpm: simulation.shaftHz.map { $0 * 60 })
  }

  var bytes: [UInt8] { JSON.encode(self) + [UInt8(ascii: "\n")] }
}
