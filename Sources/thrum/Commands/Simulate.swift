import ArgumentParser
import Recordings
import Simulator
import Terminal

struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Write the vibration of a machine that does not exist, and the truth about it.",
    discussion: """
      The samples are in g. Beside FILE stands FILE.truth.json: that it is simulated, the fault, every parameter, when the defect \
      struck, and the speed all along. The same flags and seed give the same bytes. Formulas: docs/SIGNAL.md.

      inner, outer, ball, cage             of the bearing: impacts (of the cage: rubs) at its lines, heard through resonances
      unbalance, misalignment, looseness   of the shaft: 1x; 2x, axially 1x too; 1x to 10x and halves
      gear, tooth                          mesh with sidebands of the shaft; a crack that strikes once a turn
      none                                 healthy

      EXAMPLES
        thrum simulate --fault outer --seconds 10 --rate 25600 --rpm 1500 -o outer.wav
        thrum simulate --fault inner --severity 0.3 --fluctuation 0.005 --seed 7 -o inner.i16 --json
        thrum simulate --fault gear --teeth 31 --rpm 600 --end-rpm 1800 -o run-up.f32
      """)

  @Option(help: "What is wrong with the machine.")
  var fault: MachineSimulator.Fault
  @Option(help: "How far the fault has grown: 1 is well developed, 0 as good as none.")
  var severity = 1.0
  @Option(help: "Length.")
  var seconds = 10.0
  @OptionGroup var machine: MachineOptions
  @Option(help: "Of the random numbers, 0 or more.")
  var seed: UInt64 = 1
  @Option(
    name: [.customShort("o"), .customLong("output")], help: "The file to write; an older one is replaced.", completion: .file())
  var file: String
  @Option(help: "f32, i16, wav, csv or uff58; the file's extension when left out.")
  var format: String?
  @OptionGroup var output: Output

  func run() throws {
    let format = try parsedFormat()
    let simulation = Simulation(fault, severity: severity, try parsedMachine(format), seed: seed, seconds: seconds)
    let written = WrittenRecording(
      simulation.samples, as: format,
      RecordingFacts(
        sampleRateHz: machine.rate, unit: "g", name: "simulated_acceleration", remarks: "simulated: \(fault.rawValue)"))
    let truth = SimulationTruth(simulation, format: format.rawValue, scale: written.scale)
    try OutputFile.write(written.bytes, to: file)
    try OutputFile.write(truth.bytes, to: truthFile)
    let summary = SimulationSummary(simulation, truth, file: file, truthFile: truthFile)
    if output.json { return printJSON(summary) }
    print(summary.text)
  }

  private var truthFile: String { file + ".truth.json" }

  private func parsedFormat() throws -> RecordingFormat {
    let name = format ?? file.split(separator: ".").last.map { $0.lowercased() } ?? ""
    guard let format = RecordingFormat(name: name) else { throw unwritable(name) }
    return format
  }

  private func unwritable(_ name: String) -> UsageError {
    UsageError("--format \(name.printable): expected f32, i16, wav, csv or uff58, or a file that ends with one of them")
  }

  private func parsedMachine(_ format: RecordingFormat) throws -> MachineSimulator.Machine {
    try expect("--severity", severity, in: 0...100)
    try expect("--seconds", seconds, in: 0.01...86_400)
    var parsed = try machine.parsed(for: fault)
    guard (1...MachineOptions.mostSamples).contains(seconds * machine.rate) else {
      let most = Int(MachineOptions.mostSamples)
      throw UsageError(
        "--seconds \(plain(seconds)) at --rate \(plain(machine.rate)): expected 1 to \(most) samples; give fewer seconds")
    }
    guard format != .wav || machine.rate == machine.rate.rounded() else {
      throw UsageError("--rate \(machine.rate): a WAV keeps whole numbers only; give one, or another --format")
    }
    if parsed.endShaftHz != nil { parsed.rampSeconds = seconds }
    return parsed
  }
}

extension MachineSimulator.Fault: ExpressibleByArgument {}
