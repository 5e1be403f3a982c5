import Anomaly
import Contracts
import Signal

/// The newest samples of a point.
struct Waveform: Encodable {
  let unit: String
  let sampleRateHz: Double
  @OrNull var time: UnixTime?
  let samples: [Float]

  init(_ latest: LatestSamples) {
    (unit, sampleRateHz, time) = (latest.unit.rawValue, latest.sampleRateHz, latest.time)
    samples = latest.samples.suffix(Self.most).map { $0.rounded(digits: 5) }
  }

  /// What a screen can show and a phone can hold.
  private static let most = 16_384
}

/// Their spectrum, with the lines of shaft or bearing.
struct Spectrum: Encodable {
  /// Drawn at `at`, 2 `at`, … `count` of them.
  struct Line: Encodable {
    let name: String
    let at: Double
    let count: Int
  }
  struct Found: Encodable {
    let name: String
    let frequencyHz: Double
    let ratioToFloor: Double
  }

  let unit: String
  let detection: String
  let resolutionHz: Double
  /// From value to value: neighbours are shown by the highest of them where there are many.
  let stepHz: Double
  @OrNull var speedRpm: Double?
  @OrNull var time: UnixTime?
  let lines: [Line]
  let found: [Found]
  let amplitude: [Float]

  init(_ latest: LatestSamples, _ kind: SpectrumRequest.Kind) throws(SignalError) {
    var request = SpectrumRequest(kind: kind, unit: latest.unit)
    request.shaftHz = latest.speedRPM.map { $0 / 60 }.flatMap { $0 > 0 ? $0 : nil }
    request.multiples = latest.bearing
    let report = try request.report(latest.samples, sampleRateHz: latest.sampleRateHz)
    (unit, detection) = (report.unit, report.detection.rawValue)
    resolutionHz = report.resolutionHz
    (speedRpm, time) = (latest.speedRPM, latest.time)
    found = report.lines.map { Found(name: $0.name, frequencyHz: $0.frequencyHz, ratioToFloor: $0.ratioToFloor) }
    lines = Self.lines(request, kind)
    let width = max(1, (report.amplitude.count + Self.most - 1) / Self.most)
    stepHz = report.resolutionHz * Double(width)
    amplitude = stride(from: 0, to: report.amplitude.count, by: width).map { start in
      (report.amplitude[start..<min(start + width, report.amplitude.count)].max() ?? 0).rounded(digits: 5)
    }
  }

  private static func lines(_ request: SpectrumRequest, _ kind: SpectrumRequest.Kind) -> [Line] {
    guard let shaftHz = request.shaftHz else { return [] }
    guard kind == .envelope else { return [Line(name: "1x", at: shaftHz, count: 4)] }
    guard let bearing = request.multiples else { return [Line(name: "1x", at: shaftHz, count: 3)] }
    return [
      Line(name: "BPFO", at: bearing.bpfo * shaftHz, count: 4), Line(name: "BPFI", at: bearing.bpfi * shaftHz, count: 4),
      Line(name: "2xBSF", at: 2 * bearing.bsf * shaftHz, count: 3), Line(name: "FTF", at: bearing.ftf * shaftHz, count: 1),
    ]
  }

  private static let most = 8192
}

extension Float {
  /// So many significant digits: what is beyond them costs more to send than it says.
  func rounded(digits: Int) -> Float {
    guard isFinite, self != 0 else { return self }
    let unit = Self.pow10(digits - 1 - Self.exponent10(magnitude))
    let value = (Double(self) * unit).rounded() / unit
    return Float(value)
  }

  private static func exponent10(_ value: Float) -> Int {
    var (exponent, rest) = (0, Double(value))
    while rest >= 10, exponent < 40 { (rest, exponent) = (rest / 10, exponent + 1) }
    while rest < 1, exponent > -40 { (rest, exponent) = (rest * 10, exponent - 1) }
    return exponent
  }

  private static func pow10(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
  }
}
