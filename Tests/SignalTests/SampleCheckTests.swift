import Glibc
import Testing

@testable import Signal

@Suite("SampleChecks")
struct SampleCheckTests {
  @Test("sound signals pass", arguments: Sound.allCases)
  func sound(_ signal: Sound) { #expect(fault(in: signal.samples) == nil) }

  @Test("one sample that is not a number is enough", arguments: [Float.nan, .infinity, -.infinity], [0, 1000, 4095])
  func notFinite(value: Float, at index: Int) {
    var samples = Sound.noise.samples
    samples[index] = value
    #expect(fault(in: samples) == .notFinite)
  }

  @Test("a signal that does not move is stuck", arguments: [0, 1, -9.80665, 1e-20] as [Float])
  func constant(value: Float) { #expect(fault(in: [Float](repeating: value, count: 4096)) == .stuck) }

  @Test("so is one that moves now and then only, or in its last bit")
  func nearlyConstant() {
    #expect(fault(in: (0..<4096).map { $0 % 300 == 0 ? 1.5 : 1 }) == .stuck)
    #expect(fault(in: (0..<4096).map { $0.isMultiple(of: 2) ? 1 : Float(1).nextUp }) == .stuck)
  }

  @Test(
    "a signal against its rails is clipped",
    arguments: [(.noise, 0.3), (.fast, 0.3), (.fast, 0.6), (.slow, 0.3), (.slow, 0.9), (.slow, 0.97)] as [(Sound, Float)])
  func clipped(signal: Sound, share: Float) {
    let samples = signal.samples
    let rail = share * (samples.max() ?? 0)
    #expect(fault(in: samples.map { min($0, rail) }) == .clipped)
    #expect(fault(in: samples.map { max($0, -rail) }) == .clipped)
  }

  @Test(
    "a single flat top is clipped from six samples on, which hold four threes in a row",
    arguments: [(5, nil), (6, .clipped)] as [(Int, SampleFault?)])
  func flatTop(length: Int, expected: SampleFault?) {
    var samples = Sound.noise.samples
    let rail = 1.5 * (samples.map { abs($0) }.max() ?? 0)
    for index in 1000..<1000 + length { samples[index] = rail }
    #expect(fault(in: samples) == expected)
  }

  @Test("the frame before once more is repeated; the first frame and another one are not")
  func repeated() {
    #expect(fault(in: Sound.noise.samples, digest: 7, previous: 7) == .repeated)
    #expect(fault(in: Sound.noise.samples, digest: 7, previous: 8) == nil)
    #expect(fault(in: Sound.noise.samples, digest: 7, previous: nil) == nil)
    #expect(fault(in: [Float](repeating: 2, count: 64), digest: 7, previous: 7) == .stuck)
  }

  @Test("the survey counts what a plain loop counts", arguments: [1, 2, 8, 9, 17, 1000])
  func survey(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let samples = random.floats(count, in: -2...2).map { $0.rounded() }
    let survey = Kernels.survey(samples, count: count)
    #expect(survey.minimum == samples.min() && survey.maximum == samples.max() && survey.notFinite == 0)
    #expect(survey.changes == zip(samples, samples.dropFirst()).count { $0 != $1 })
    #expect(Kernels.count(samples, count: count, within: -1...0) == samples.count { (-1...0).contains($0) })
  }

  private func fault(in samples: [Float], digest: UInt64 = 1, previous: UInt64? = nil) -> SampleFault? {
    let frame = Frame(
      samples: samples, unit: .gravity, sampleRateHz: 25600, receivedAt: UnixTime(nanoseconds: 0), sampleDigest: digest)
    return SampleChecks.fault(in: frame, previousDigest: previous)
  }
}

/// Signals as sensors give them, each with a trap for a check.
enum Sound: CaseIterable {
  case noise
  /// A pure tone whose samples repeat exactly, the top between two of them.
  case fast
  /// A pure slow tone, flat near its tops.
  case slow
  /// A slow tone in eighteen steps: the outermost one is hit often and for long.
  case coarse

  var samples: [Float] {
    var random = SplitMix64(seed: 5)
    return (0..<4096).map { n in
      switch self {
      case .noise: Float.random(in: -1...1, using: &random) + Float.random(in: -1...1, using: &random)
      case .fast: Float(cos(2 * .pi * (Double(n % 10) + 0.5) / 10))
      case .slow: Float(sin(2 * .pi * 3 * Double(n) / 4096))
      case .coarse: Float((9 * sin(2 * .pi * 3 * Double(n) / 4096)).rounded())
      }
    }
  }
}
