import Testing

@testable import Signal

@Suite("Checks of dropouts, spikes, range and bias")
struct FurtherCheckTests {
  @Test("a run at one value in a moving signal is a dropout, a short one is not", arguments: [15, 40, 41, 400])
  func dropout(run: Int) {
    var samples = Sound.noise.samples
    for n in 1000..<1000 + run { samples[n] = 0 }
    #expect(fault(in: samples) == (run >= 41 ? .dropout : nil))
  }

  @Test("a single sample beyond all neighbours is a spike; one whose neighbours ring is not")
  func spikes() {
    var samples = Sound.noise.samples
    samples[2000] = 200
    #expect(fault(in: samples) == .spikes)
    for (n, value) in [-120, 80, -50, 30, -20, 12].enumerated() { samples[2001 + n] = Float(value) }
    #expect(fault(in: samples) == nil)
  }

  @Test("a step of a resting converter is no spike")
  func leastStep() {
    var samples = (0..<4096).map { Float($0.isMultiple(of: 40) ? 1 : 0) }
    samples[2010] = 2
    #expect(fault(in: samples) != .spikes)
  }

  @Test(
    "beyond the declared range, and only where there is one",
    arguments: [(nil, nil), (3, nil), (1.5, .range)] as [(Double?, SampleFault?)])
  func range(declared: Double?, expected: SampleFault?) { #expect(fault(in: Sound.noise.samples, range: declared) == expected) }

  @Test(
    "a mean beyond half the range is a bias fault, a smaller one is not",
    arguments: [(30, .bias), (20, nil)] as [(Float, SampleFault?)])
  func bias(mean: Float, expected: SampleFault?) {
    let samples = Sound.noise.samples.map { $0 + mean }
    #expect(fault(in: samples, range: 50) == expected)
    #expect(fault(in: samples) == nil)
  }

  @Test("a value that no sensor measures is out of range, declared or not")
  func utmost() {
    let huge = Sound.noise.samples.map { $0 * 1e10 }
    #expect(fault(in: huge) == .range && fault(in: huge, range: 1e6) == .range)
    #expect(fault(in: Sound.noise.samples.map { $0 * 1e6 }) == nil)
  }

  @Test("a point's own limits hold in the place of the usual ones")
  func ownLimits() {
    var limits = CheckLimits()
    (limits.dropoutSamples, limits.spikeTimes, limits.biasPart, limits.stuckPart) = (500, 1e6, 0.9, 0.5)
    var still = Sound.noise.samples
    for n in 1000..<1400 { still[n] = 0 }
    #expect(fault(in: still) == .dropout && fault(in: still, limits: limits) == nil)
    var spike = Sound.noise.samples
    spike[2000] = 200
    #expect(fault(in: spike) == .spikes && fault(in: spike, limits: limits) == nil)
    let shifted = Sound.noise.samples.map { $0 + 30 }
    #expect(fault(in: shifted, range: 50) == .bias && fault(in: shifted, range: 50, limits: limits) == nil)
    let coarse = Sound.noise.samples.indices.map { Sound.noise.samples[$0 / 4 * 4] }
    #expect(fault(in: coarse) == nil && fault(in: coarse, limits: limits) == .stuck)
  }

  @Test("a signal that touches its rail is clipped only beyond the point's own part")
  func ownRail() {
    let cut = Sound.noise.samples.map { min($0, 0.5) }
    var limits = CheckLimits()
    limits.clippedPart = 1
    #expect(fault(in: cut) == .clipped && fault(in: cut, limits: limits) == nil)
  }

  @Test("units are known by their UCUM and SenML codes, with the right factor")
  func units() {
    let factors: [(String, Double)] = [
      ("m/s", 1000), ("mm/s", 1), ("mm", 1000), ("\u{3BC}m", 1), ("um", 1), ("m/s2", 1), ("[mil_i]", 25.4),
    ]
    for (code, factor) in factors {
      #expect(SignalUnit(code: code)?.factorToWorkingUnit == factor)
    }
    #expect(SignalUnit(code: "m/s")?.quantity == .velocity && SignalUnit(code: "mm")?.quantity == .displacement)
    #expect(SignalUnit(code: "km/h") == nil)
  }

  private func fault(in samples: [Float], range: Double? = nil, limits: CheckLimits = CheckLimits()) -> SampleFault? {
    let frame = Frame(
      samples: samples, unit: .gravity, sampleRateHz: 25600, receivedAt: UnixTime(nanoseconds: 0), sampleDigest: 1)
    return SampleChecks.fault(in: frame, previousDigest: nil, measuringRange: range, limits: limits)
  }
}
