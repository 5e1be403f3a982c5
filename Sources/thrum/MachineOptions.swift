import ArgumentParser
import Signal
import Simulator
import Terminal

/// The machine to simulate: the flags of its rates and levels.
struct MachineOptions: ParsableArguments {
  @Option(help: "Samples per second.")
  var rate = 25_600.0
  @Option(help: "Shaft speed, revolutions per minute; at the start where there is an --end-rpm.")
  var rpm = 1500.0
  @Option(help: "Shaft speed at the end: it changes evenly.")
  var endRpm: Double?
  @Option(help: "Slow random change of the speed, standard deviation as a part of it.")
  var fluctuation = 0.0
  @Option(help: "The bearing's designation, as 6205, or its lines in orders of the shaft: BPFO,BPFI,BSF,FTF.")
  var bearing = "3.245,4.755,2.555,0.4056"
  @Option(help: "Random change from strike to strike, standard deviation as a part of the time between them.")
  var slip = 0.01
  @Option(help: "Teeth of the gear on the shaft. (default: none; gear and tooth: \(MachineSimulator.Machine.defaultTeeth))")
  var teeth: Int?
  @Option(help: "Hz of the structure's modes, with commas. (default: 3500, or less where the rate is low)")
  var resonance: String?
  @Option(help: "Where the sensor points.")
  var direction = MachineSimulator.Direction.radial
  @Option(help: "Noise, g RMS.")
  var noise = 0.15

  /// At most an eighth of a gibibyte of f32.
  static let mostSamples = 33_554_432.0

  func parsed(for fault: MachineSimulator.Fault) throws -> MachineSimulator.Machine {
    try checkRanges()
    try checkTones(teeth ?? fault.teeth)
    var machine = MachineSimulator.Machine()
    (machine.sampleRateHz, machine.shaftHz, machine.endShaftHz) = (rate, rpm / 60, endRpm.map { $0 / 60 })
    (machine.fluctuation, machine.slip, machine.noiseRMS) = (fluctuation, slip, noise)
    (machine.teeth, machine.direction) = (teeth ?? fault.teeth, direction)
    machine.resonances = try resonancesHz().map { MachineSimulator.Resonance(frequencyHz: $0) }
    try readBearing(into: &machine)
    return machine
  }

  private func checkRanges() throws {
    try expect("--rate", rate, in: 100...1_000_000)
    try expect("--rpm", rpm, in: 1...100_000)
    if let endRpm { try expect("--end-rpm", endRpm, in: 1...100_000) }
    try expect("--fluctuation", fluctuation, in: 0...0.2)
    try expect("--slip", slip, in: 0...0.2)
    try expect("--noise", noise, in: 0...1000)
    if let teeth { try expect("--teeth", Double(teeth), in: 3...1000) }
  }

  private func checkTones(_ teeth: Int?) throws {
    let turning = max(rpm, endRpm ?? rpm) / 60 * Double(teeth ?? 1)
    let highest = MachineSimulator.highestPartOfRate * rate
    guard turning < highest else {
      let what = teeth == nil ? "--rpm: the shaft turns" : "--rpm, --teeth: the teeth mesh"
      throw UsageError("\(what) at \(number(turning, 1)) Hz, expected below 0.45 of --rate \(plain(rate)); give a higher rate")
    }
  }

  private func resonancesHz() throws -> [Double] {
    guard let resonance else { return [min(3500, 0.3 * rate)] }
    let modes = resonance.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    guard !modes.isEmpty, modes.count <= 16, modes.allSatisfy({ $0 >= 1 && $0 < MachineSimulator.highestPartOfRate * rate })
    else {
      let limit = "below 0.45 of --rate \(plain(rate))"
      throw UsageError("--resonance \(resonance.printable): expected 1 to 16 numbers from 1 to \(limit)")
    }
    return modes
  }

  private func readBearing(into machine: inout MachineSimulator.Machine) throws {
    let lines = try BearingMultiples(option: bearing)
    (machine.bpfo, machine.bpfi, machine.bsf, machine.ftf) = (lines.bpfo, lines.bpfi, lines.bsf, lines.ftf)
  }
}

extension MachineSimulator.Direction: ExpressibleByArgument {}
