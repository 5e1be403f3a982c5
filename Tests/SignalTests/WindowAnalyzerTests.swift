import CAllocations
import Foundation
import TestSupport
import Testing

@testable import Signal

@Suite("WindowAnalyzer")
struct WindowAnalyzerTests {
  @Test("gives the features of bench/WORK.md for its sixteen frames")
  func benchGolden() throws {
    let frames = Golden.floats(try Golden.bench("frames.f32"))
    let expected = Golden.floats(try Golden.bench("features_score.f32"))
    let analyzer = try WindowAnalyzer(sampleCount: 4096, sampleRateHz: 25600, list: FeatureExtractors.learned)
    #expect(analyzer.featureNames.count == 29)
    for index in 0..<16 {
      let features = analyzer.features(of: Array(frames[index * 4096..<(index + 1) * 4096]))
      expectClose(features, Array(expected[index * 30..<index * 30 + 29]), within: 1e-4)
    }
  }

  @Test("agrees with SciPy at other lengths and rates", arguments: try GoldenWindow.all())
  func scipy(window: GoldenWindow) throws {
    let samples = Golden.floats(try Golden.data("signal/\(window.name).f32"))
    let analyzer = try WindowAnalyzer(
      sampleCount: samples.count, sampleRateHz: window.sample_rate_hz, list: FeatureExtractors.learned)
    expectClose(analyzer.features(of: samples), window.features, within: 1e-4)
  }

  @Test("one-sided Hann density agrees with SciPy's periodogram", arguments: try GoldenWindow.all())
  func density(window: GoldenWindow) throws {
    let samples = Golden.floats(try Golden.data("signal/\(window.name).f32"))
    let expected = Golden.floats(try Golden.data("signal/\(window.name).density.f32"))
    let transforms = try WindowTransforms(WindowShape(sampleCount: samples.count, sampleRateHz: window.sample_rate_hz))
    samples.withUnsafeBufferPointer { transforms.update(from: $0.baseAddress!) }
    let density = Array(UnsafeBufferPointer(start: transforms.power.density, count: transforms.power.binCount))
    let largest = expected.max() ?? 0
    #expect(density.count == expected.count)
    for (ours, theirs) in zip(density, expected).dropFirst() { #expect(abs(ours - theirs) < 1e-4 * theirs + 1e-9 * largest) }
  }

  @Test("asks for no memory per window", .enabled(if: thrum_allocations() >= 0, "sanitizers bring their own malloc"))
  func noAllocation() throws {
    var random = SplitMix64(seed: 1)
    let samples = random.floats(4096)
    let analyzer = try WindowAnalyzer(sampleCount: 4096, sampleRateHz: 25600)
    var features = [Float](repeating: 0, count: analyzer.featureNames.count)
    samples.withUnsafeBufferPointer { window in
      features.withUnsafeMutableBufferPointer { result in
        analyzer.analyze(window, into: result)
        let before = thrum_allocations()
        for _ in 0..<100 { analyzer.analyze(window, into: result) }
        #expect(thrum_allocations() == before)
      }
    }
    let before = thrum_allocations()
    #expect([Float](repeating: features[0], count: 1000).count == 1000)
    #expect(thrum_allocations() > before, "the counter sees an array being made")
  }

  @Test("samples of any alignment give the same features")
  func alignment() throws {
    var random = SplitMix64(seed: 2)
    let samples = random.floats(1025)
    let analyzer = try WindowAnalyzer(sampleCount: 1024, sampleRateHz: 12000)
    #expect(analyzer.features(of: samples[1...]) == analyzer.features(of: Array(samples[1...])))
  }

  @Test("a constant signal has no shape, and nothing is infinite")
  func constant() throws {
    let features = try WindowAnalyzer(sampleCount: 256, sampleRateHz: 1000).features(of: [Float](repeating: 3, count: 256))
    #expect((features[0..<5] + features[29...]).allSatisfy { $0 == 0 })
    #expect(features.allSatisfy { $0.isFinite })
  }

  @Test(
    "shape does not depend on scale, from the least to the largest magnitude that is analysed",
    arguments: [-25, -12, -6, 5, 9, 12])
  func scale(power: Int) throws {
    var random = SplitMix64(seed: 3)
    let samples = random.floats(1024).map { $0 * $0 * $0 }
    let (analyzer, scale) = (try WindowAnalyzer(sampleCount: 1024, sampleRateHz: 12000), Float(pow(10, Double(power))))
    let (plain, scaled) = (analyzer.features(of: samples), analyzer.features(of: samples.map { scale * $0 }))
    #expect(scaled.allSatisfy { $0.isFinite }, "\(zip(analyzer.featureNames, scaled).filter { !$0.1.isFinite })")
    for name in ["crest", "kurtosis", "skewness", "shape_factor", "impulse_factor", "clearance_factor"] {
      let index = try #require(analyzer.featureNames.firstIndex(of: name))
      #expect(
        abs(scaled[index] - plain[index]) <= 1e-3 * max(1, abs(plain[index])), "\(name): \(scaled[index]) for \(plain[index])")
    }
    for index in 0...1 { #expect(abs(scaled[index] / scale / plain[index] - 1) < 1e-3) }
  }

  @Test("a window that cannot be analysed is refused", arguments: [0, 62, 65, 1 << 25])
  func refused(sampleCount: Int) {
    #expect(throws: SignalError.self) { try WindowAnalyzer(sampleCount: sampleCount, sampleRateHz: 1000) }
  }
}

struct GoldenWindow: Codable, CustomTestStringConvertible, Sendable {
  let name: String
  let sample_rate_hz: Double
  let features: [Float]
  var testDescription: String { name }

  static func all() throws -> [Self] {
    struct File: Codable { let windows: [GoldenWindow] }
    return try JSONDecoder().decode(File.self, from: Golden.data("signal/expected.json")).windows
  }
}

extension WindowAnalyzer {
  func features(of samples: some Collection<Float>) -> [Float] {
    var features = [Float](repeating: .nan, count: featureNames.count)
    let analyzed: Void? = samples.withContiguousStorageIfAvailable { window in
      features.withUnsafeMutableBufferPointer { analyze(window, into: $0) }
    }
    #expect(analyzed != nil)
    return features
  }
}

/// Every value within `tolerance`, relative or absolute.
func expectClose(_ ours: [Float], _ theirs: [Float], within tolerance: Float, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(ours.count == theirs.count, sourceLocation: sourceLocation)
  for (index, (a, b)) in zip(ours, theirs).enumerated() {
    #expect(abs(a - b) <= tolerance * max(1, abs(b)), "value \(index)", sourceLocation: sourceLocation)
  }
}
