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

  private func fault(in samples: [Float], range: Double? = nil) -> SampleFault? {
    let frame = Frame(
      samples: samples, unit: .gravity, sampleRateHz: 25600, receivedAt: UnixTime(nanoseconds: 0), sampleDigest: 1)
    return SampleChecks.fault(in: frame, previousDigest: nil, measuringRange: range)
  }
}
