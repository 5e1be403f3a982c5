import ArgumentParser
import Signal
import Terminal

/// How recordings are cut into windows.
struct WindowCut: ParsableArguments {
  @Option(help: "Samples of a window, even. (default: 4096, or the model's)")
  var window: Int?
  @Option(help: "Part of a window that the next one looks at again.")
  var overlap = 0.5

  static let defaultSamples = 4096

  func validate() throws {
    if let window, !((64...65_536).contains(window) && window % 2 == 0) {
      throw ValidationError("--window \(window): expected an even number from 64 to 65536")
    }
    guard (0...0.9).contains(overlap) else { throw ValidationError("--overlap \(overlap): expected 0 to 0.9") }
  }

  /// Samples from the start of a window to the next one's.
  func hop(_ window: Int) -> Int { max(1, Int(Double(window) * (1 - overlap))) }
}

/// A recording, cut into whole windows.
struct WindowedFile {
  var rateHz: Double { samples.rateHz }
  var unit: SignalUnit { samples.unit }
  var featureNames: [String] { analyzer.featureNames }
  private let samples: Samples
  private let analyzer: WindowAnalyzer
  private let windowSamples, hop: Int

  init(_ file: String, _ form: SampleForm, _ cut: WindowCut, windowSamples: Int) throws {
    samples = try form.samples(of: file)
    guard samples.values.count >= windowSamples else {
      throw UsageError(
        "\(file.printable) holds \(samples.values.count) samples, fewer than a window of \(windowSamples): give --window")
    }
    self.windowSamples = windowSamples
    hop = cut.hop(windowSamples)
    analyzer = try WindowAnalyzer(sampleCount: windowSamples, sampleRateHz: samples.rateHz)
  }

  /// Every whole window by its first sample, in order of time.
  func forEachSamples(_ body: (_ start: Int, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
    try samples.values.withUnsafeBufferPointer { all in
      for start in stride(from: 0, through: all.count - windowSamples, by: hop) {
        try body(start, UnsafeBufferPointer(rebasing: all[start..<start + windowSamples]))
      }
    }
  }

  /// The features of every whole window, in the order of `featureNames`.
  func forEach(_ body: (_ start: Int, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: featureNames.count) { features in
      try forEachSamples { start, window in
        analyzer.analyze(window, into: features)
        try body(start, UnsafeBufferPointer(features))
      }
    }
  }
}
