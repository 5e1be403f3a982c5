import ArgumentParser
import Recordings
import Signal
import Terminal

/// Where samples come from and what they are: the flags that all commands on files share.
struct SampleSource: ParsableArguments {
  @Argument(help: "A recording.")
  var file: String
  @Option(help: "Samples per second; WAV and universal files say so themselves.")
  var rate: Double?
  @Option(help: "The samples' unit: g, m/s2, mm/s, in/s, um, mil.")
  var unit: String
  @Option(help: "f32, i16, wav, csv or uff58; the file's extension when left out.")
  var format: String?
  @Option(help: "Value in the unit = number in the file x scale.")
  var scale = 1.0
  @Option(help: "Channel of a WAV, column of a table, time response of a universal file; from 1 on.")
  var channel = 1
  @Option(help: "Shaft speed, revolutions per minute.")
  var rpm: Double?
  @Option(help: "Bearing lines in orders of the shaft: BPFO,BPFI,BSF,FTF.")
  var bearing: String?

  func samples() throws -> Samples {
    let unit = try parsedUnit()
    let recording = try Recording(reading: file, as: try parsedFormat(), scale: scale, channel: channel)
    guard let rate = rate ?? recording.sampleRateHz else { throw UsageError("\(file) does not say its rate: give --rate") }
    guard (1e-3...1e8).contains(rate) else { throw UsageError("rate \(rate) Hz: expected 0.001 to 100000000; give --rate") }
    return Samples(values: recording.samples, rateHz: rate, unit: unit)
  }

  /// Revolutions per second.
  func shaftHz() throws -> Double? {
    guard let rpm else { return nil }
    guard (0.1...1e6).contains(rpm) else { throw UsageError("--rpm \(rpm): expected 0.1 to 1000000") }
    return rpm / 60
  }

  /// - Parameter follows: the shaft's speed is known otherwise.
  func multiples(follows: Bool = false) throws -> BearingMultiples? {
    guard let bearing else { return nil }
    let orders = bearing.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0) }
    guard orders.count == 4, orders.allSatisfy((1e-3...1e3).contains) else {
      throw UsageError("--bearing \(bearing): expected four numbers BPFO,BPFI,BSF,FTF, each 0.001 to 1000")
    }
    guard rpm != nil || follows else { throw UsageError("--bearing needs --rpm") }
    return BearingMultiples(bpfo: orders[0], bpfi: orders[1], bsf: orders[2], ftf: orders[3])
  }

  private func parsedUnit() throws -> SignalUnit {
    guard let unit = SignalUnit(code: unit) else { throw UsageError("--unit \(unit): expected g, m/s2, mm/s, in/s, um or mil") }
    return unit
  }

  private func parsedFormat() throws -> RecordingFormat {
    let name = format ?? file.split(separator: ".").last.map { $0.lowercased() } ?? ""
    guard let format = RecordingFormat(name: name) else {
      throw UsageError("--format \(name): expected one of \(RecordingFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return format
  }
}

/// Samples as a command takes them.
struct Samples {
  let values: [Float]
  let rateHz: Double
  let unit: SignalUnit
}
