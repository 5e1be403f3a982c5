import ArgumentParser
import Recordings
import Signal
import Terminal

/// How the samples of a file are to be read: the flags that all commands on files share.
struct Sampling: ParsableArguments {
  @Argument(help: "A recording.")
  var file: String
  @Option(help: "Samples per second; a WAV file says so itself.")
  var rate: Double?
  @Option(help: "The samples' unit: g, m/s2, mm/s, in/s, um, mil.")
  var unit: String
  @Option(help: "f32, i16, wav or csv; the file's extension when left out.")
  var format: String?
  @Option(help: "Value in the unit = number in the file x scale.")
  var scale = 1.0
  @Option(help: "Samples of a window.")
  var window = 4096
  @Option(help: "Part of a window that the next one looks at again.")
  var overlap = 0.5
  @Option(help: "Shaft speed, revolutions per minute.")
  var rpm: Double?
  @Option(help: "Bearing lines in orders of the shaft: BPFO,BPFI,BSF,FTF.")
  var bearing: String?

  struct Window {
    let startSeconds: Double
    let features: [(name: String, value: Double?)]
  }

  /// Every whole window of the file with its features.
  func windows() throws -> [Window] {
    let recording = try Recording(reading: file, as: try parsedFormat(), scale: scale)
    guard let rate = rate ?? recording.sampleRateHz else { throw UsageError("\(file) does not say its rate: give --rate") }
    guard let unit = SignalUnit(code: unit) else { throw UsageError("--unit \(unit): expected g, m/s2, mm/s, in/s, um or mil") }
    guard (0..<1).contains(overlap) else { throw UsageError("--overlap \(overlap): expected 0 to below 1") }
    let extractor = try FileFeatures(window: window, rate: rate, unit: unit, lines: try lines())
    let hop = max(1, Int(Double(window) * (1 - overlap)))
    guard recording.samples.count >= window else {
      throw UsageError("\(file) holds \(recording.samples.count) samples, fewer than a window of \(window): give --window")
    }
    return stride(from: 0, through: recording.samples.count - window, by: hop).map { start in
      let samples = recording.samples[start..<start + window]
      return Window(startSeconds: Double(start) / rate, features: samples.withUnsafeBufferPointer(extractor.features))
    }
  }

  private func parsedFormat() throws -> RecordingFormat {
    let name = format ?? file.split(separator: ".").last.map(String.init) ?? ""
    guard let format = RecordingFormat(name: name) else {
      throw UsageError("--format \(name): expected one of \(RecordingFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return format
  }

  private func lines() throws -> FileFeatures.Lines? {
    guard let bearing else { return nil }
    let orders = bearing.split(separator: ",").compactMap { Double($0) }
    guard orders.count == 4 else { throw UsageError("--bearing \(bearing): expected four numbers BPFO,BPFI,BSF,FTF") }
    guard let rpm, rpm > 0 else { throw UsageError("--bearing needs --rpm") }
    return .init(
      shaftHz: rpm / 60, multiples: BearingMultiples(bpfo: orders[0], bpfi: orders[1], bsf: orders[2], ftf: orders[3]))
  }
}

/// All that can be said of one window: THE LIST, and what needs a second or more.
struct FileFeatures {
  struct Lines {
    let shaftHz: Double
    let multiples: BearingMultiples
  }

  private let analyzer: WindowAnalyzer
  private let block: BlockAnalyzer?
  private let unit: SignalUnit
  private let lines: Lines?

  init(window: Int, rate: Double, unit: SignalUnit, lines: Lines?) throws {
    analyzer = try WindowAnalyzer(sampleCount: window, sampleRateHz: rate)
    block = Double(window) >= rate ? try BlockAnalyzer(sampleCount: window, sampleRateHz: rate) : nil
    self.unit = unit
    self.lines = lines
  }

  func features(_ samples: UnsafeBufferPointer<Float>) -> [(name: String, value: Double?)] {
    let values = [Float](unsafeUninitializedCapacity: analyzer.featureNames.count) { buffer, count in
      analyzer.analyze(samples, into: buffer)
      count = analyzer.featureNames.count
    }
    let all = zip(analyzer.featureNames, values).map { (name: $0, value: Optional(Double($1))) }
    return all + [(name: "velocity_rms_mm_s", value: block?.velocityRMS(samples, unit: unit))] + lineRatios(samples)
  }

  /// How far each bearing line stands above the floor around it.
  private func lineRatios(_ samples: UnsafeBufferPointer<Float>) -> [(name: String, value: Double?)] {
    guard let lines else { return [] }
    let found = block.map {
      FaultLines.find(in: $0.envelopeSpectrum(samples), shaftHz: lines.shaftHz, multiples: lines.multiples)
    }
    return BearingLine.allCases.map { line in
      (name: "\(line.rawValue.lowercased())_over_floor", value: found?.first { $0.line == line }?.ratioToFloor)
    }
  }
}
