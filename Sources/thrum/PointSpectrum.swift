import Contracts
import Signal
import Terminal

/// A point's spectrum: as `thrum spectrum` draws a recording's, with whence the samples are.
struct PointSpectrum: Encodable {
  let found: PointSamples
  let report: SpectrumReport

  /// - Throws: where there are too few samples, or no speed for orders: exit code 1.
  init(_ found: PointSamples, _ kind: SpectrumRequest.Kind) throws {
    if kind == .envelope, found.seconds < 1 {
      throw NotFound(
        description: "show \(found.point): \(number(found.seconds, 2)) s of samples are at hand, an envelope spectrum needs 1 s "
          + "without a gap; wait for more frames")
    }
    var request = SpectrumRequest(kind: kind, unit: found.unit)
    request.shaftHz = found.speedRPM.map { $0 / 60 }.flatMap { $0 > 0 ? $0 : nil }
    request.multiples = found.bearing
    (self.found, report) = (found, try request.report(found.samples, sampleRateHz: found.sampleRateHz))
  }

  private enum Keys: String, CodingKey { case point, source, cause, time }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(found.point.description, forKey: .point)
    try container.encode(found.source, forKey: .source)
    try container.encode(found.cause, forKey: .cause)
    try container.encode(found.time, forKey: .time)
  }

  func view(maxHz: Double?) -> SpectrumView {
    let until = found.time.map { ", until \($0.local)" } ?? ""
    return SpectrumView(
      report: report, file: "\(found.point)\(until)", shaftHz: report.speed?.rpm.map { $0 / 60 }, maxHz: maxHz)
  }

  func text(maxHz: Double?) -> String {
    [found.words.wrapped(), view(maxHz: maxHz).text, unnamed?.wrapped()].compactMap { $0 }.joined(separator: "\n\n")
  }

  /// Why no line has a name.
  private var unnamed: String? {
    guard report.lines.isEmpty else { return nil }
    if report.speed?.rpm == nil {
      return "No line is named: the shaft's speed is not known. speed_rpm of [[machine]] \(found.point.machine) declares it, "
        + "a source with quantity = \"speed\" measures it."
    }
    guard report.kind == .envelope, found.bearing == nil else { return nil }
    return
      "No line is named: no bearing of \(found.point) is declared (bearing of [[machine.point]]; `thrum bearings` searches the catalogue)."
  }
}
