import Contracts
import Plots
import Signal
import Terminal

/// A point's samples over time, on a terminal and for programs.
struct WaveformView {
  let found: PointSamples
  /// Oldest first.
  let samples: [Float]

  init(_ found: PointSamples, seconds: Double?) {
    self.found = found
    samples = seconds.map { found.samples.suffix(max(2, Int(min($0 * found.sampleRateHz, 1e9)))) } ?? found.samples
  }

  struct Report: Encodable {
    let point: String
    let source: String
    @OrNull var cause: String?
    @OrNull var time: UnixTime?
    let unit: String
    let sampleRateHz: Double
    @OrNull var speedRpm: Double?
    let samples: [Float]
  }

  var report: Report {
    Report(
      point: found.point.description, source: found.source, cause: found.cause, time: found.time, unit: found.unit.rawValue,
      sampleRateHz: found.sampleRateHz, speedRpm: found.speedRPM, samples: samples)
  }

  var columns: [TableExport.Column] {
    [
      .init(name: "seconds", values: samples.indices.map { Double($0 - samples.startIndex) / found.sampleRateHz }),
      .init(name: "value_\(found.unit.rawValue)", values: samples.map { Double($0) }),
    ]
  }

  var text: String {
    let plot = WaveformPlot(samples: samples, sampleRateHz: found.sampleRateHz, unit: found.unit.rawValue)
    return [found.words.wrapped(), plot.rendered(columns: 78, rows: 12), figures].joined(separator: "\n\n")
  }

  private var figures: String {
    let squares = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
    let (rms, peak) = ((squares / Double(samples.count)).squareRoot(), samples.reduce(0.0) { max($0, abs(Double($1))) })
    let crest = rms > 0 ? ", crest factor \(number(peak / rms, 1))" : ""
    return "RMS \(SpectrumPlot.figure(rms)) \(found.unit.rawValue), peak \(SpectrumPlot.figure(peak))\(crest)"
  }
}
