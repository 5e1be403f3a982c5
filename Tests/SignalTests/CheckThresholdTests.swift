import Testing

@testable import Signal

/// What one sensor may do that others may not: each threshold moves the border of its own check, both ways.
@Suite("Thresholds of the checks")
struct CheckThresholdTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let fault: SampleFault
    let samples: [Float]
    let loosen: @Sendable (inout CheckThresholds) -> Void
    var testDescription: String { fault.rawValue }
  }

  static let cases: [Case] = [
    Case(fault: .stuck, samples: (0..<4096).map { $0 % 300 == 0 ? 1.5 : 1 }) { $0.stuckChangingPart = 0.001 },
    Case(fault: .bias, samples: Sound.noise.samples.map { $0 + 30 }) { $0.biasPartOfRange = 0.8 },
    Case(fault: .bias, samples: Sound.noise.samples.map { $0 + 30 }) { $0.biasTimesRMS = 100 },
    Case(fault: .clipped, samples: Sound.slow.samples.map { min($0, 0.97) }) { $0.clippedPart = 0.5 },
    Case(fault: .clipped, samples: Sound.slow.samples.map { min($0, 0.97) }) { $0.clippedPlaces = 4000 },
    Case(fault: .dropout, samples: held(50)) { $0.dropoutSamples = 51 },
    Case(fault: .dropout, samples: held(50)) { $0.dropoutPart = 0.02 },
    Case(fault: .spikes, samples: spiked(20)) { $0.spikeTimesLargest = 50 },
    Case(fault: .spikes, samples: spiked(20)) { $0.spikeTimesMedian = 500 },
  ]

  @Test("a higher one lets its check pass what the default names", arguments: cases)
  func loosened(one: Case) {
    var thresholds = CheckThresholds()
    #expect(fault(in: one.samples, thresholds) == one.fault)
    one.loosen(&thresholds)
    #expect(fault(in: one.samples, thresholds) != one.fault)
  }

  @Test("a lower one names what the default lets pass")
  func tightened() {
    var thresholds = CheckThresholds()
    #expect(fault(in: Self.held(40), thresholds) == nil)
    (thresholds.dropoutSamples, thresholds.dropoutPart) = (8, 0.001)
    #expect(fault(in: Self.held(40), thresholds) == .dropout)
  }

  @Test("a magnitude that no sensor measures is as bad as an infinity", arguments: [1e13, -1e20, 3e38] as [Float])
  func beyond(value: Float) {
    var samples = Sound.noise.samples
    samples[70] = value
    #expect(fault(in: samples, CheckThresholds()) == .notFinite)
  }

  private static func held(_ run: Int) -> [Float] {
    var samples = Sound.noise.samples
    for n in 1000..<1000 + run { samples[n] = 0 }
    return samples
  }

  private static func spiked(_ height: Float) -> [Float] {
    var samples = Sound.noise.samples
    samples[2000] = height
    return samples
  }

  private func fault(in samples: [Float], _ thresholds: CheckThresholds) -> SampleFault? {
    let frame = Frame(
      samples: samples, unit: .gravity, sampleRateHz: 25600, receivedAt: UnixTime(nanoseconds: 0), sampleDigest: 1)
    return SampleChecks.fault(in: frame, previousDigest: nil, measuringRange: 50, thresholds: thresholds)
  }
}
