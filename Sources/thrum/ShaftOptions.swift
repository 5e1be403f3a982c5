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
  @Flag(help: "Take --rpm as nominal and measure the speed within a tenth of it by the shaft's own harmonics.")
  var estimateRpm = false

  /// Whether the shaft is followed.
  var follows: Bool { tacho != nil || rpmProfile != nil }

  func check(kind: SpectrumRequest.Kind, rpm: Double?) throws {
    if kind == .order, rpm == nil, !follows { throw UsageError("--kind order needs --rpm, --tacho or --rpm-profile") }
    if follows, kind != .order, kind != .envelope {
      throw UsageError("--tacho and --rpm-profile are for --kind order and envelope")
    }
    if [tacho != nil, rpmProfile != nil, rpm != nil].count(where: { $0 }) > 1 {
      throw UsageError("--rpm, --tacho and --rpm-profile all tell the speed: give one of them")
    }
    if estimateRpm, rpm == nil { throw UsageError("--estimate-rpm needs --rpm, the nominal speed") }
    guard let pulsesPerTurn else { return }
    if tacho == nil { throw UsageError("--pulses-per-turn is for --tacho") }
    try expect("--pulses-per-turn", Double(pulsesPerTurn), in: 1...100_000)
  }

  /// Reads the files that were given, or measures the speed; one that is not believed is as good as none.
  func apply(to request: inout SpectrumRequest, _ samples: Samples) throws {
    if estimateRpm, let nominalHz = request.shaftHz {
      let estimate = SpeedEstimate(of: samples.values, sampleRateHz: samples.rateHz, nominalHz: nominalHz)
      request.shaftHz = estimate.flatMap { $0.isBelieved ? $0.shaftHz : nil }
      (request.speedSource, request.speedConfidence) = (.estimated, estimate?.confidence ?? 0)
    }
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
