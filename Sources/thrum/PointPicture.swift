import ArgumentParser
import Signal

/// What `thrum show` can draw.
enum Picture: String, EnumerableFlag {
  case trend, waveform, spectrum, envelope

  static func help(for value: Self) -> ArgumentHelp? {
    switch value {
    case .trend: "Draw its history."
    case .waveform: "Draw its newest samples over time."
    case .spectrum: "Draw their spectrum, with the shaft's lines."
    case .envelope: "Draw the spectrum of their envelope, with the bearing's lines."
    }
  }
}

/// How a point's samples are drawn.
struct PictureOptions: ParsableArguments {
  @Option(help: "Of --spectrum: power, velocity, displacement or order. (default: velocity)")
  var kind: SpectrumRequest.Kind?
  @Option(help: "Of --waveform: the newest so many seconds alone.")
  var seconds: Double?
  @Option(help: "Of --spectrum and --envelope: plots end here.")
  var maxHz: Double?
  @Option(
    help: "Of --spectrum and --envelope: write a page for a browser, complete in itself, to this file.", completion: .file())
  var html: String?
  @Option(help: ArgumentHelp("The 32 bytes that kept waveforms were sealed with.", valueName: "FILE"), completion: .file())
  var keyFile: String?
  @OptionGroup var export: TableExport

  func check(_ picture: Picture?) throws {
    let isSpectrum = picture == .spectrum || picture == .envelope
    if kind != nil, picture != .spectrum { throw ValidationError("--kind is for --spectrum") }
    if kind == .envelope { throw ValidationError("--kind envelope: say --envelope") }
    if html != nil || maxHz != nil, !isSpectrum { throw ValidationError("--html and --max-hz are for --spectrum and --envelope") }
    if seconds != nil, picture != .waveform { throw ValidationError("--seconds is for --waveform") }
    if let seconds, !(seconds > 0 && seconds.isFinite) { throw ValidationError("--seconds \(seconds): expected above 0") }
    if let maxHz, !(maxHz > 0 && maxHz.isFinite) { throw ValidationError("--max-hz \(maxHz): expected above 0") }
    if export.csv || export.npy != nil, !isSpectrum, picture != .waveform {
      throw ValidationError("--csv and --npy are for --waveform, --spectrum and --envelope; a history: thrum export POINT")
    }
  }
}
