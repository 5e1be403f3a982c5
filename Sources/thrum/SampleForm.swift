import ArgumentParser
import Recordings
import Signal
import Terminal

/// What the numbers in a recording are: the flags that all commands on recordings share.
struct SampleForm: ParsableArguments {
  @Option(help: "Samples per second; WAV and universal files say so themselves. Where both do, this counts, with a warning.")
  var rate: Double?
  @Option(help: "The samples' unit: g, m/s2, mm/s, in/s, um, mil.")
  var unit: String
  @Option(help: "f32, i16, wav, csv or uff58; the file's extension when left out.")
  var format: String?
  @Option(help: "Value in the unit = number in the file x scale.")
  var scale = 1.0
  @Option(help: "Channel of a WAV, column of a table, time response of a universal file; from 1 on.")
  var channel = 1

  func samples(of file: String) throws -> Samples {
    let unit = try parsedUnit()
    let recording = try Recording(reading: file, as: try parsedFormat(file), scale: scale, channel: channel)
    warn(file, of: recording.sampleRateHz)
    guard let rate = rate ?? recording.sampleRateHz else { throw UsageError("\(file) does not say its rate: give --rate") }
    guard (1e-3...1e8).contains(rate) else { throw UsageError("rate \(rate) Hz: expected 0.001 to 100000000; give --rate") }
    if let place = recording.samples.firstIndex(where: { !(abs($0) <= SampleChecks.largestMagnitude) }) {
      throw UsageError(
        "\(file): sample \(place) is \(recording.samples[place]), expected -1e12 to 1e12; look at --format and --scale")
    }
    return Samples(values: recording.samples, rateHz: rate, unit: unit)
  }

  /// --rate counts, for a header may be wrong, and a WAV's holds whole hertz only; but not unsaid.
  private func warn(_ file: String, of own: Double?) {
    guard let rate, let own, abs(rate - own) > max(0.5, 1e-4 * own) else { return }
    complain(
      "\(file.printable): says \(plain(own)) Hz, taken as \(plain(rate)) Hz as --rate says; leave --rate out where the file is right"
    )
  }

  func parsedUnit() throws -> SignalUnit {
    guard let unit = SignalUnit(code: unit) else { throw UsageError("--unit \(unit): expected g, m/s2, mm/s, in/s, um or mil") }
    return unit
  }

  private func parsedFormat(_ file: String) throws -> RecordingFormat {
    let known = RecordingFormat.allCases.map(\.rawValue).joined(separator: ", ")
    let name = file.split(separator: "/").last ?? ""
    let ending = name.split(separator: ".").dropFirst().last.map { $0.lowercased() }
    if let found = RecordingFormat(name: format ?? ending ?? "") { return found }
    if let format { throw UsageError("--format \(format): expected one of \(known)") }
    throw UsageError("\(file): its name does not tell what it is: give --format, one of \(known)")
  }
}
