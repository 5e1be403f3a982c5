import Anomaly
import ArgumentParser
import Signal
import Terminal

/// How a file's samples are cut into windows: the flags of all commands that look at windows.
struct Sampling: ParsableArguments {
  @OptionGroup var source: SampleSource
  @Option(help: "Samples of a window. (default: 4096, or the model's)")
  var window: Int?
  @Option(help: "Part of a window that the next one looks at again.")
  var overlap = 0.5
  @Option(help: "Bands whose RMS is wanted, Hz, with commas: 10-1000,1000-5000.")
  var bands: String?
  @Option(help: "Teeth of the gear on the shaft: its mesh and sidebands.")
  var teeth: Int?
  @Option(help: "Blades or vanes on the shaft.")
  var blades: Int?
  @Option(help: "Hz that an electric motor is fed with: twice of it.")
  var lineHz: Double?
  @Option(help: "Poles of that motor: sidebands at the pole-pass frequency.")
  var poles: Int?
  @Flag(help: "Take --rpm as nominal and measure the speed of the recording by the shaft's own harmonics.")
  var estimateRpm = false
  @Option(help: "Largest magnitude that the sensor can measure, in the unit: what is beyond, or offset by half of it, is told.")
  var range: Double?

  struct Window {
    let startSeconds: Double
    let features: [FileFeatures.Feature]
    /// Why no sound sensor can have measured it.
    let fault: SampleFault?
  }

  private typealias Measure = (UnsafeBufferPointer<Float>) throws -> [FileFeatures.Feature]

  /// Every whole window of the file with its features, or with those of a model.
  func windows(for model: DeliveredModel? = nil) throws -> [Window] {
    guard (0..<1).contains(overlap) else { throw UsageError("--overlap \(overlap): expected 0 to below 1") }
    if let range { try expect("--range", range, in: 1e-9...1e12) }
    let request = try request()
    let samples = try source.samples()
    let window = window ?? model?.shape.windowSamples ?? WindowCut.defaultSamples
    let measure = try model.map { try self.measure($0, samples, window) } ?? self.measure(request, samples, window)
    let hop = max(1, Int(Double(window) * (1 - overlap)))
    let count = samples.values.count
    guard count >= window else {
      throw UsageError("\(source.file) holds \(count) samples, fewer than a window of \(window): give --window")
    }
    return try stride(from: 0, through: count - window, by: hop).map { start in
      try samples.values[start..<start + window].withUnsafeBufferPointer { part in
        Window(
          startSeconds: Double(start) / samples.rateHz, features: try measure(part),
          fault: SampleChecks.fault(in: part, measuringRange: range))
      }
    }
  }

  private func measure(_ request: FileFeatures.Request, _ samples: Samples, _ window: Int) throws -> Measure {
    var request = request
    if estimateRpm { request.shaftHz = estimate(request.shaftHz, samples) }
    let extractor = try FileFeatures(window: window, rate: samples.rateHz, unit: samples.unit, request)
    if let reason = FileFeatures.abstention(rate: samples.rateHz) { complain("\(source.file.printable): \(reason)") }
    return extractor.features
  }

  /// - Throws: for a model of other windows, or of no features.
  private func measure(_ model: DeliveredModel, _ samples: Samples, _ window: Int) throws -> Measure {
    let shape = model.shape
    guard model.input == .features else {
      throw UsageError("the model looks at the \(model.input.rawValue), not at features: see thrum model score")
    }
    guard window == shape.windowSamples else {
      throw UsageError("--window \(window): the model's windows have \(shape.windowSamples) samples; leave it out")
    }
    guard samples.rateHz == shape.sampleRateHz, samples.unit == shape.unit else {
      throw UsageError(
        "\(source.file.printable): \(plain(samples.rateHz)) Hz in \(samples.unit.rawValue), the model is for "
          + "\(plain(shape.sampleRateHz)) Hz in \(shape.unit.rawValue); give it a recording of that kind")
    }
    let inputs = try DeliveredInputs(model)
    return { samples in
      zip(shape.featureNames, try inputs.values(samples)).map { ($0, $1.isFinite ? Double($1) : nil) }
    }
  }

  private func request() throws -> FileFeatures.Request {
    if estimateRpm, source.rpm == nil { throw UsageError("--estimate-rpm needs --rpm, the nominal speed") }
    if let teeth { try expect("--teeth", Double(teeth), in: 2...10_000) }
    if let blades { try expect("--blades", Double(blades), in: 2...1000) }
    if let lineHz { try expect("--line-hz", lineHz, in: 1...1000) }
    if let poles {
      guard (2...100).contains(poles), poles.isMultiple(of: 2) else {
        throw UsageError("--poles \(poles): expected 2 to 100, even")
      }
      guard lineHz != nil else { throw UsageError("--poles: give --line-hz as well") }
    }
    let shaftHz = try source.shaftHz()
    guard shaftHz != nil || (teeth == nil && blades == nil && poles == nil) else {
      throw UsageError("--teeth, --blades, --poles: give --rpm as well")
    }
    return FileFeatures.Request(
      hasShaft: shaftHz != nil, shaftHz: shaftHz, bearing: try source.multiples(),
      parts: MachineParts(teeth: teeth, blades: blades, lineHz: lineHz, poles: poles),
      bandsHz: try parsedBands())
  }

  /// `nil` where the estimate is not believed.
  private func estimate(_ nominalHz: Double?, _ samples: Samples) -> Double? {
    let estimate = nominalHz.flatMap { SpeedEstimate(of: samples.values, sampleRateHz: samples.rateHz, nominalHz: $0) }
    return estimate.flatMap { $0.isBelieved ? $0.shaftHz : nil }
  }

  private func parsedBands() throws -> [ClosedRange<Double>] {
    try (bands ?? "").split(separator: ",").map { text in
      let edges = text.split(separator: "-", omittingEmptySubsequences: false).compactMap { Double($0) }
      guard edges.count == 2, edges[0] >= 0, edges[0] < edges[1], edges[1] <= 1e7 else {
        throw UsageError("--bands \(text): expected FROM-TO in Hz, rising, as 10-1000")
      }
      return edges[0]...edges[1]
    }
  }
}
