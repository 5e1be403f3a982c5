import ArgumentParser
import Recordings
import Signal
import Terminal

/// How fast the shaft turned, where it is more than one number.
struct ShaftOptions: ParsableArguments {
  @Option(help: "File of a tacho's pulse times: seconds from the first sample on, one a line.")
  var tacho: String?
  @Option(help: "Pulses in a turn of the shaft. (default: 1)")
  var pulsesPerTurn: Int?
  @Option(help: "Table of the speed beside the samples: seconds from the first sample on, revolutions per minute.")
  var rpmProfile: String?

  func check(kind: SpectrumRequest.Kind, rpm: Double?) throws {
    let follows = tacho != nil || rpmProfile != nil
    if kind == .order, rpm == nil, !follows { throw UsageError("--kind order needs --rpm, --tacho or --rpm-profile") }
    if follows, kind != .order { throw UsageError("--tacho and --rpm-profile are for --kind order") }
    if [tacho != nil, rpmProfile != nil, rpm != nil].count(where: { $0 }) > 1 {
      throw UsageError("--rpm, --tacho and --rpm-profile all tell the speed: give one of them")
    }
    guard let pulsesPerTurn else { return }
    if tacho == nil { throw UsageError("--pulses-per-turn is for --tacho") }
    try expect("--pulses-per-turn", Double(pulsesPerTurn), in: 1...100_000)
  }

  /// Reads the files that were given.
  func apply(to request: inout SpectrumRequest) throws {
    if let tacho {
      let pulses = try NumberTable.read(tacho, columns: 1)[0]
      (request.shaft, request.speedSource) = (try ShaftAngle(pulses: pulses, perTurn: pulsesPerTurn ?? 1), .tacho)
    }
    if let rpmProfile {
      let columns = try NumberTable.read(rpmProfile, columns: 2)
      let speeds = columns[1].map { $0 / 60 }
      (request.shaft, request.speedSource) = (try ShaftAngle(speeds: speeds, seconds: columns[0]), .profile)
    }
  }
}
