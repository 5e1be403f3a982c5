import ArgumentParser
import Signal
import Terminal

/// How a file's samples are cut into windows: the flags of all commands that look at windows.
struct Sampling: ParsableArguments {
  @OptionGroup var source: SampleSource
  @Option(help: "Samples of a window.")
  var window = 4096
  @Option(help: "Part of a window that the next one looks at again.")
  var overlap = 0.5
  @Flag(help: "Take --rpm as nominal and measure the speed of the recording by the shaft's own harmonics.")
  var estimateRpm = false

  struct Window {
    let startSeconds: Double
    let features: [(name: String, value: Double?)]
  }

  /// Every whole window of the file with its features.
  func windows() throws -> [Window] {
    guard (0..<1).contains(overlap) else { throw UsageError("--overlap \(overlap): expected 0 to below 1") }
    if estimateRpm, source.rpm == nil { throw UsageError("--estimate-rpm needs --rpm, the nominal speed") }
    let samples = try source.samples()
    let lines = try lines(samples)
    let extractor = try FileFeatures(window: window, rate: samples.rateHz, unit: samples.unit, lines: lines)
    let hop = max(1, Int(Double(window) * (1 - overlap)))
    let count = samples.values.count
    guard count >= window else {
      throw UsageError("\(source.file) holds \(count) samples, fewer than a window of \(window): give --window")
    }
    return stride(from: 0, through: count - window, by: hop).map { start in
      let part = samples.values[start..<start + window]
      return Window(startSeconds: Double(start) / samples.rateHz, features: part.withUnsafeBufferPointer(extractor.features))
    }
  }

  private func lines(_ samples: Samples) throws -> FileFeatures.Lines? {
    guard let multiples = try source.multiples(), let shaftHz = try source.shaftHz() else { return nil }
    guard estimateRpm else { return .init(shaftHz: shaftHz, multiples: multiples) }
    let estimate = SpeedEstimate(of: samples.values, sampleRateHz: samples.rateHz, nominalHz: shaftHz)
    return .init(shaftHz: estimate.flatMap { $0.isBelieved ? $0.shaftHz : nil }, multiples: multiples)
  }
}

/// All that can be said of one window: THE LIST, and what needs a second or more.
struct FileFeatures {
  struct Lines {
    /// `nil` where it was to be estimated and is not believed: the lines are unknown then.
    let shaftHz: Double?
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
    return all + [(name: BlockFeatures.velocityRMS, value: block?.velocityRMS(samples, unit: unit))] + lineRatios(samples)
  }

  /// How far each bearing line stands above the floor around it.
  private func lineRatios(_ samples: UnsafeBufferPointer<Float>) -> [(name: String, value: Double?)] {
    guard let lines else { return [] }
    let found = lines.shaftHz.flatMap { shaftHz in
      block.map { FaultLines.find(in: $0.envelopeSpectrum(samples), shaftHz: shaftHz, multiples: lines.multiples) }
    }
    return BearingLine.allCases.map { line in
      (name: BlockFeatures.overFloor(line), value: found?.first { $0.line == line }?.ratioToFloor)
    }
  }
}
