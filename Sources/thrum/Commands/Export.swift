import Anomaly
import ArgumentParser
import Contracts
import Signal
import Store
import Terminal

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a point's history, or an alarm's envelope spectrum, as comma-separated values.",
    discussion: """
      Times are UTC (RFC 3339), velocity in mm/s RMS, frequency in Hz, amplitude as peak in the spectrum's unit. Without -o to
      standard output.

      EXAMPLES
        thrum export pump-7/drive-end -o drive-end.csv
        thrum export pump-7#1 > envelope.csv
      """)

  @OptionGroup var gateway: Gateway
  @Argument(help: "machine/point, or an alarm's id.")
  var subject: String
  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; one of that name is replaced.", valueName: "FILE"))
  var output: String?

  func run() throws {
    let reader = try gateway.reader()
    let text = try spectrum(reader) ?? trend(reader)
    guard let output else { return print(text, terminator: "") }
    try OutputFile.write(Array(text.utf8), to: output)
    print("wrote \(output.printable)")
  }

  /// `nil` when no alarm has that name.
  private func spectrum(_ reader: StoreReader) throws -> String? {
    guard let alarm = try reader.alarm(subject) else { return nil }
    guard let spectrum = alarm.explanation.spectrum else {
      throw NotFound(description: "export \(subject): this alarm has no spectrum: nothing was diagnosed")
    }
    let rows = spectrum.amplitude.enumerated().map { "\(Double($0 + 1) * spectrum.resolutionHz),\($1)\n" }
    return "frequency_hz,amplitude_\(spectrum.unit)\n" + rows.joined()
  }

  private func trend(_ reader: StoreReader) throws -> String {
    let points = try reader.points().map(\.point)
    guard let point = points.first(where: { "\($0.machine)/\($0.point)" == subject }) else {
      throw NotFound(description: "export \(subject): no such point or alarm; `thrum points` and `thrum alarms --all` list them")
    }
    let rows = try reader.trend(of: point, newest: .max).map { row in
      let figures = [
        row.velocityRMS.map { "\($0)" } ?? "", "\(row.rms)", "\(row.kurtosis)", row.probability.map { "\($0)" } ?? "",
      ]
      return ([row.time.rfc3339] + figures + [row.verdict.name, row.verdict.reason ?? ""]).joined(separator: ",") + "\n"
    }
    return "time,velocity_rms_mm_s,rms,kurtosis,probability,verdict,reason\n" + rows.joined()
  }
}
