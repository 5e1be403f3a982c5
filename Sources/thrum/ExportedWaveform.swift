import Configuration
import Contracts
import FoundationEssentials
import Recordings
import Signal
import Terminal

/// A kept waveform as a file of another program.
struct ExportedWaveform {
  private let document: WaveformDocument

  init(_ document: WaveformDocument) { self.document = document }

  func bytes(as format: RecordingFormat) -> [UInt8] {
    format == .csv ? commaSeparated : WrittenRecording(document.samples, as: format, facts).bytes
  }

  /// What was written, for people.
  var words: String {
    let about = document.description
    return
      "\(about.sampleCount) samples of \(about.point) in \(about.unit) at \(about.sampleRateHz) Hz, kept for: \(about.cause), "
      + "until \(about.time.local)"
  }

  private var facts: RecordingFacts {
    let about = document.description
    let speed = about.speedRpm.map { ", \($0) rpm" } ?? ""
    return RecordingFacts(
      sampleRateHz: about.sampleRateHz, unit: about.unit, name: about.point, time: about.time.rfc3339,
      remarks: "kept for: \(about.cause)\(speed); a step is \(about.step) \(about.unit)")
  }

  private var commaSeparated: [UInt8] {
    let rate = document.description.sampleRateHz
    let rows = document.samples.enumerated().map { "\(Double($0) / rate),\($1)\n" }
    return Array(("seconds,value_\(document.description.unit)\n" + rows.joined()).utf8)
  }
}

/// What evidence was sealed with.
enum EvidenceKeyFile {
  /// - Parameter path: `nil`: what the configuration names, where it can be read.
  static func read(_ path: String?) throws -> [UInt8]? {
    if let path {
      guard let key = key(path) else {
        throw UsageError("--key-file \(path.printable): expected \(WaveformBox.keyBytes) bytes, or as many in hexadecimal")
      }
      return key
    }
    return (try? ConfigFile.read(Paths.current.config))?.evidence.keyFile.flatMap(key)
  }

  private static func key(_ path: String) -> [UInt8]? {
    (try? Data(contentsOf: URL(filePath: path))).flatMap { WaveformBox.key([UInt8]($0)) }
  }
}
