import Anomaly
import ArgumentParser
import Contracts
import Recordings
import Signal
import Store
import Terminal

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a point's history, a kept waveform, or an alarm's envelope spectrum for other programs.",
    discussion: """
      Comma-separated values: times are UTC (RFC 3339), velocity in mm/s RMS, frequency in Hz, amplitude as peak in the spectrum's \
      unit. Without -o to standard output.

      A waveform (--waveform, or a format that holds nothing else) is the point's newest that is kept, or the one nearest to \
      the alarm's raising, or the one that --id names; --list tells which are kept. As WAV: 32-bit floats in the point's unit, \
      not scaled to 1; unit, rate and time stand in its LIST chunk. As UFF58: dataset 58 in ASCII, double precision. As CSV: seconds \
      and value. What is sealed is opened with the key that the configuration names, or --key-file.

      EXAMPLES
        thrum export pump-7/drive-end -o drive-end.csv
        thrum export pump-7#1 > envelope.csv
        thrum export pump-7/drive-end --list
        thrum export pump-7/drive-end -o drive-end.wav
        thrum export pump-7#1 --waveform --format uff58 -o pump-7.uff
      """)

  @OptionGroup var gateway: Gateway
  @OptionGroup var output: Output
  @Argument(help: "machine/point, or an alarm's id.", completion: Completions.subjects)
  var subject: String
  @Flag(help: "The samples, not the history or the spectrum.")
  var waveform = false
  @Flag(help: "List the waveforms that are kept of this point, or of this alarm's points.")
  var list = false
  @Option(help: ArgumentHelp("This waveform, as --list names it.", valueName: "ID"))
  var id: String?
  @Option(help: "csv, wav or uff58; the file's extension when left out.")
  var format: String?
  @Option(help: ArgumentHelp("The 32 bytes that evidence was sealed with.", valueName: "FILE"), completion: .file())
  var keyFile: String?
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The file to write; one of that name is replaced.", valueName: "FILE"), completion: .file())
  var outputFile: String?

  func run() throws {
    gateway.tellStopped(unless: output.json || (outputFile == nil && !list))
    let reader = try gateway.reader()
    let format = try parsedFormat()
    if list { return try print(KeptWaveforms(reader, subject).listed(asJSON: output.json)) }
    if waveform || id != nil || format != .csv { return try exportWaveform(as: format, reader) }
    try write(Array((try spectrum(reader) ?? trend(reader)).utf8), "")
  }

  private func parsedFormat() throws -> RecordingFormat {
    let ending = outputFile?.split(separator: "/").last?.split(separator: ".").dropFirst().last.map { $0.lowercased() }
    let name = format ?? ending ?? "csv"
    if let known = RecordingFormat(name: name), [.csv, .wav, .uff58].contains(known) { return known }
    guard format == nil else { throw UsageError("--format \(name.printable): expected csv, wav or uff58") }
    if ["txt", "tsv", "dat"].contains(name) { return .csv }
    throw UsageError(
      "-o \((outputFile ?? "").printable): .\(name.printable) is not written here: expected .csv, .wav or .uff, or --format csv, wav or uff58"
    )
  }

  private func exportWaveform(as format: RecordingFormat, _ reader: StoreReader) throws {
    let kept = KeptWaveforms(reader, subject)
    let document = try reader.waveform(try id ?? kept.nearest().id, key: try EvidenceKeyFile.read(keyFile))
    if format == .wav, outputFile == nil { throw UsageError("a WAV goes into a file: give -o FILE.wav") }
    let file = ExportedWaveform(document)
    try write(file.bytes(as: format), ": " + file.words)
  }

  private func write(_ bytes: [UInt8], _ words: String) throws {
    guard let outputFile else { return print(String(decoding: bytes, as: UTF8.self), terminator: "") }
    try OutputFile.write(bytes, to: outputFile)
    print("wrote \(outputFile.printable)\(words.printable)")
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
    let rows = try reader.trend(of: try reader.point(named: subject), newest: .max).map { row in
      let figures = [
        row.velocityRMS.map { "\($0)" } ?? "", "\(row.rms)", "\(row.kurtosis)", row.probability.map { "\($0)" } ?? "",
      ]
      return ([row.time.rfc3339] + figures + [row.verdict.name, row.verdict.reason ?? ""]).joined(separator: ",") + "\n"
    }
    return "time,velocity_rms_mm_s,rms,kurtosis,probability,verdict,reason\n" + rows.joined()
  }
}

extension StoreReader {
  /// - Throws: `NotFound`, with where the names stand.
  fileprivate func point(named name: String) throws -> PointID {
    guard let point = try points({ $0.point }).first(where: { $0.description == name }) else {
      throw NotFound(description: "export \(name): no such point or alarm; `thrum points` and `thrum alarms --all` list them")
    }
    return point
  }
}

/// The waveforms that are kept of a point, or of an alarm's points.
struct KeptWaveforms {
  private let reader: StoreReader
  private let subject: String

  init(_ reader: StoreReader, _ subject: String) { (self.reader, self.subject) = (reader, subject) }

  func listed(asJSON: Bool) throws -> String {
    let rows = try rows().rows
    if asJSON { return rows.map { JSON.text($0) }.joined(separator: "\n") }
    guard !rows.isEmpty else { return "No waveform of \(subject.printable) is kept; `thrum evidence POINT` keeps the next one." }
    var table = Table(["time", "point", "cause", "sealed", "id"])
    for row in rows { table.add(row.time.local, "\(row.machine)/\(row.point)", row.cause, row.isSealed ? "yes" : "no", row.id) }
    return table.rendered(within: Screen.columns, expendable: rows.contains(where: \.isSealed) ? [1] : [1, 3])
  }

  /// A point's newest; the one that was written nearest to an alarm's raising.
  func nearest() throws -> WaveformRow {
    let (rows, time) = try rows()
    let best =
      time.map { time in rows.min { abs($0.time.seconds(since: time)) < abs($1.time.seconds(since: time)) } } ?? rows.last
    guard let best else {
      throw NotFound(
        description: "export \(subject): no waveform of it is kept; they come with warnings and alarms unless [evidence] keep = "
          + "\"asked\", and `thrum evidence POINT` keeps the next one")
    }
    return best
  }

  private func rows() throws -> (rows: [WaveformRow], raisedAt: UnixTime?) {
    guard let alarm = try reader.alarm(subject) else { return (try reader.waveforms(of: try reader.point(named: subject)), nil) }
    return (try alarm.members.flatMap { try reader.waveforms(of: $0) }, alarm.raisedAt)
  }
}
