import Foundation
import Testing

@testable import Signal

@Suite("Diagnosis")
struct DiagnosisTests {
  static let geometry = BearingGeometry(balls: 9, ballMillimetres: 7.94, pitchMillimetres: 39.04)

  @Test("the multiples of the CWRU drive-end bearing are the published ones")
  func multiples() throws {
    let multiples = Self.geometry.multiples
    for (ours, published) in [
      (multiples.bpfo, 3.5848), (multiples.bpfi, 5.4152), (multiples.bsf, 2.3568), (multiples.ftf, 0.39828),
    ] {
      #expect(abs(ours - published) < 0.0015)
    }
  }

  @Test(
    "impacts at a bearing's rate name its part",
    arguments: [(3.5848, .outer), (5.4152, .inner), (4.7136, .ball)] as [(Double, NamedFault)])
  func named(order: Double, fault: NamedFault) throws {
    let lines = try findLines(impacts(perSecond: order * 29.93))
    #expect(FaultLines.name(lines) == fault)
    let line = try #require(BearingDiagnosis(lines)?.line)
    #expect(abs(line.frequencyHz - order * 29.93) <= 1.5)
    #expect(line.harmonics >= 2)
  }

  @Test(
    "neither noise, nor impacts at the shaft's rate, nor at another bearing's are named",
    arguments: [nil, 29.93, 2 * 29.93, 77.7])
  func silent(rate: Double?) throws {
    let lines = try findLines(rate.map { impacts(perSecond: $0) } ?? impacts(perSecond: 100, strength: 0))
    #expect(FaultLines.name(lines) == nil)
  }

  @Test(
    "a cage's rate accuses what the cage carries, unless its many harmonics tell of impacts",
    arguments: [(3, .ball), (6, .cage)] as [(Int, NamedFault)])
  func cage(harmonics: Int, fault: NamedFault) {
    let line = LineMeasurement(line: .ftf, frequencyHz: 1, amplitude: 1, ratioToFloor: 5, harmonics: harmonics)
    #expect(FaultLines.name([line]) == fault)
  }

  @Test("the more spectra are averaged, the lower a line is believed")
  func averages() {
    let line = { LineMeasurement(line: .bpfo, frequencyHz: 1, amplitude: 1, ratioToFloor: 3, harmonics: 3, averages: $0) }
    #expect(FaultLines.name([line(1)]) == nil && FaultLines.name([line(9)]) == .outer)
  }

  @Test("single bangs between the impacts do not hide them", arguments: [1, 2, 3, 4] as [UInt64])
  func bangs(seed: UInt64) throws {
    var samples = impacts(perSecond: 3.5848 * 29.93, strength: 5)
    var random = SplitMix64(seed: seed)
    for _ in 0..<6 { samples[random.index(below: samples.count)] += 20 }
    let lines = try findLines(samples)
    #expect(FaultLines.name(lines) == .outer, "\(lines.map(\.ratioToFloor))")
  }

  @Test("impacts that rise and fall with the shaft are said to have its sidebands")
  func sidebands() throws {
    let modulated = impacts(perSecond: 5.4152 * 29.93) { 0.55 + 0.45 * cos(2 * .pi * 29.93 * $0) }
    let line = try #require(BearingDiagnosis(try findLines(modulated))?.line)
    #expect(line.line == .bpfi)
    #expect(abs(try #require(line.sidebandsHz) - 29.93) < 1e-9)
    #expect(try findLines(impacts(perSecond: 5.4152 * 29.93)).allSatisfy { $0.sidebandsHz == nil })
  }

  @Test("two parts that stand out alike are not told apart, and a low line is not believed")
  func doubt() {
    let line = { (line: BearingLine, ratio: Double) in
      LineMeasurement(line: line, frequencyHz: 1, amplitude: 1, ratioToFloor: ratio, harmonics: 3)
    }
    #expect(FaultLines.name([line(.bpfo, 9), line(.bpfi, 6.1)]) == nil)
    #expect(FaultLines.name([line(.bpfo, 9), line(.bpfi, 6)]) == .outer)
    #expect(FaultLines.name([line(.bpfo, 3.99), line(.bpfi, 1)]) == nil)
    #expect(FaultLines.name([]) == nil)
  }

  @Test("a reported spectrum has at most 512 bins and keeps its highest lines", arguments: [100.0, 500, 513, 1500, 9000])
  func report(upToHz: Double) {
    var amplitude = [Float](repeating: 1, count: 6000)
    amplitude[99] = 50
    let spectrum = EnvelopeSpectrumResult(resolutionHz: 1, bandHz: 0...1, amplitude: amplitude)
    let (resolution, bins) = spectrum.report(upToHz: upToHz)
    #expect(bins.count <= 512 && bins.max() == 50)
    let highest = bins.firstIndex(of: 50) ?? -1
    #expect(abs(Double(highest + 1) * resolution - 99) < resolution)
    #expect(Double(bins.count) * resolution >= min(upToHz, 5999))
  }

  private func findLines(_ samples: [Float]) throws -> [LineMeasurement] {
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: 12000)
    let spectrum = samples.withUnsafeBufferPointer { analyzer.envelopeSpectrum($0) }
    return FaultLines.find(in: spectrum, shaftHz: 29.93, multiples: Self.geometry.multiples)
  }

  /// Two seconds at 12 kHz of a resonance struck again and again, in noise, beside the shaft's own orders.
  private func impacts(perSecond rate: Double, strength: Float = 3, load: (Double) -> Double = { _ in 1 }) -> [Float] {
    var random = SplitMix64(seed: 11)
    var samples = (0..<24000).map { n in
      Float.random(in: -0.5...0.5, using: &random) + Float(2 * sin(2 * .pi * 29.93 * Double(n) / 12000))
    }
    for strike in stride(from: 0, to: 24000, by: 12000 / rate) {
      for n in Int(strike)..<min(Int(strike) + 60, 24000) {
        let time = Double(n) - strike
        samples[n] += strength * Float(load(strike / 12000) * exp(-time / 12) * sin(2 * .pi * 0.27 * time))
      }
    }
    return samples
  }
}
