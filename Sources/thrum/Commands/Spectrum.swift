import ArgumentParser
import Contracts
import Plots
import Signal
import Terminal

struct Spectrum: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spectrum", abstract: "Show the spectrum of a recording, with the lines of its shaft or bearing.",
    discussion: """
      power     amplitude of every line, in the samples' unit
      velocity  the same in mm/s, integrated where the samples are acceleration; displacement: in um \
      envelope  repetition of impacts; with --rpm and --bearing the bearing's lines; of nearly the whole band, whitened, or of --band
      order     power over multiples of a constant --rpm, or over the shaft's angle with --tacho or --rpm-profile

      EXAMPLES
        thrum spectrum pump.wav --unit g --kind velocity --rpm 1485 --max-hz 500
        thrum spectrum pump.uff --unit m/s2 --window flattop --resolution 0.5 --html pump.html
        thrum spectrum run-up.f32 --rate 25600 --unit g --kind order --tacho pulses.txt --pulses-per-turn 2
        thrum spectrum bearing.i16 --scale 2.2e-5 --rate 12000 --unit g --kind envelope --rpm 1796 --bearing 3.58,5.42,2.36,0.398
        thrum spectrum bearing.wav --unit g --kind envelope --squared --band auto
      """)

  @OptionGroup var source: SampleSource
  @OptionGroup var shaft: ShaftOptions
  @OptionGroup var output: Output
  @OptionGroup var export: TableExport
  @Option(help: "What to show.")
  var kind = SpectrumRequest.Kind.power
  @Option(help: "hann parts near lines, flattop reads a line's amplitude within 0.12 % from 4.5 resolutions on. (default: hann)")
  var window: SpectrumWindow?
  @Option(help: "Amplitudes as root mean square or as peak. (default: rms; envelope: peak)")
  var detection: SpectrumRequest.Detection?
  @Option(
    help:
      "Seconds of a segment; segments overlap by half and are averaged. (default: 1, or the file; where the shaft is followed whole turns, 8 at least)"
  )
  var segment: Double?
  @Option(help: "Hz from line to line: instead of --segment.")
  var resolution: Double?
  @Flag(help: "Envelope: of its square.")
  var squared = false
  @OptionGroup var demodulation: DemodulationOptions
  @Option(help: "Plots end here.")
  var maxHz: Double?
  @Option(help: "Write a page for a browser, complete in itself, to this file.", completion: .file())
  var html: String?

  func run() throws {
    try check()
    let samples = try source.samples()
    let request = try request(for: samples)
    let report = try request.report(samples.values, sampleRateHz: samples.rateHz)
    let view = SpectrumView(report: report, file: source.file, shaftHz: report.speed?.rpm.map { $0 / 60 }, maxHz: maxHz)
    if let html { try OutputFile.write(Array(view.page.html().utf8), to: html) }
    if try export.write(view.columns, json: output.json) { return }
    if output.json { return printJSON(report) }
    print(html.map { "wrote \($0.printable)" } ?? view.text)
  }

  private func request(for samples: Samples) throws -> SpectrumRequest {
    var request = SpectrumRequest(kind: kind, unit: samples.unit)
    request.window = window ?? .hann
    request.detection = detection
    request.isSquared = squared
    try demodulation.apply(to: &request)
    request.segmentSeconds = resolution.map { 1 / $0 } ?? segment
    request.multiples = try source.multiples(follows: shaft.follows)
    request.shaftHz = try source.shaftHz()
    try shaft.apply(to: &request, samples)
    return request
  }

  private func check() throws {
    if let maxHz, !(maxHz > 0 && maxHz.isFinite) { throw UsageError("--max-hz \(maxHz): expected above 0") }
    if let segment, !(segment > 0 && segment.isFinite) { throw UsageError("--segment \(segment): expected above 0 s") }
    if let resolution, !(resolution > 0 && resolution.isFinite) {
      throw UsageError("--resolution \(resolution): expected above 0 Hz")
    }
    if segment != nil, resolution != nil { throw UsageError("--segment and --resolution say the same: give one of them") }
    try shaft.check(kind: kind, rpm: source.rpm)
    try demodulation.check(kind: kind)
    if squared, kind != .envelope { throw UsageError("--squared is for --kind envelope") }
    if kind == .envelope, !shaft.follows, window != nil || segment != nil || resolution != nil {
      throw UsageError(
        "--kind envelope takes segments of 1 s without a window where the shaft is not followed: leave out --window, --segment and --resolution"
      )
    }
  }
}

extension SpectrumRequest.Kind: ExpressibleByArgument {}
extension SpectrumRequest.Detection: ExpressibleByArgument {}
extension SpectrumWindow: ExpressibleByArgument {}
