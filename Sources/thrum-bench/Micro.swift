import ArgumentParser
import FoundationEssentials
import Signal

/// Times each stage of a frame alone.
struct Micro: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "micro", abstract: "Time the stages of a frame alone: {\"name\": [least, median]} in microseconds.")

  @Option(help: "The model, in WORK.md's form.") var model: String
  @Option(help: "Float32 frames of 4096 samples.") var frames: String

  func run() throws {
    let model = try BenchModel(Data(contentsOf: URL(fileURLWithPath: model)))
    let frames = try thrum_bench.frames(ofFile: frames)
    let learned = try WindowAnalyzer(sampleCount: Work.sampleCount, sampleRateHz: 25600, list: FeatureExtractors.learned)
    let all = try WindowAnalyzer(sampleCount: Work.sampleCount, sampleRateHz: 25600)
    var features = [Float](repeating: 0, count: Work.featureCount)
    var allFeatures = [Float](repeating: 0, count: all.featureNames.count)
    var sum: Float = 0
    frames[0].analyzed(by: learned, into: &features)
    model.standardize(features)
    let stages: [(name: String, microseconds: (Double, Double))] = [
      ("features_1", time(500) { frames[$0 % frames.count].analyzed(by: learned, into: &features) }),
      ("features_all_1", time(500) { frames[$0 % frames.count].analyzed(by: all, into: &allFeatures) }),
      ("ae_1", time(20000) { _ in sum += model.reconstructionError() }),
      ("forest_1", time(5000) { _ in sum += model.isolation() }),
    ]
    precondition(sum.isFinite)
    print("{" + stages.map { "\"\($0.name)\":[\($0.microseconds.0),\($0.microseconds.1)]" }.joined(separator: ",") + "}")
  }

  /// Least and median microseconds of `body`, over 31 series of `repetitions`.
  private func time(_ repetitions: Int, _ body: (Int) -> Void) -> (Double, Double) {
    let clock = ContinuousClock()
    let series = (0..<31).map { _ in
      clock.measure { for index in 0..<repetitions { body(index) } } / repetitions / .microseconds(1)
    }.sorted()
    return (series[0], series[15])
  }
}

extension [Float] {
  fileprivate func analyzed(by analyzer: WindowAnalyzer, into features: inout [Float]) {
    withUnsafeBufferPointer { samples in
      features.withUnsafeMutableBufferPointer { analyzer.analyze(samples, into: $0) }
    }
  }
}
