import Foundation
import TestSupport
import Testing

@testable import Signal

/// Bands for demodulation; scripts/golden/kurtogram.py took the slow ways.
@Suite("Kurtogram, pre-whitening, envelopes of a band")
struct KurtogramTests {
  @Test("every band's kurtosis is that of one long filter", arguments: try GoldenKurtogram.all())
  func bands(golden: GoldenKurtogram) throws {
    let kurtogram = try Kurtogram(of: golden.samples, sampleRateHz: 3000)
    #expect(kurtogram.bands.count == golden.kurtogram.count)
    for (ours, theirs) in zip(kurtogram.bands, golden.kurtogram) {
      #expect(abs(ours.rangeHz.lowerBound - theirs[0] * 1500) < 1e-3 && abs(ours.widthHz - theirs[1] * 1500) < 1e-3)
      #expect(abs(ours.kurtosis - theirs[2]) <= 1e-4 * max(1, abs(theirs[2])), "\(ours): \(theirs[2])")
    }
    let best = try #require(golden.kurtogram.max { $0[2] < $1[2] })
    #expect(abs(kurtogram.best.kurtosis - best[2]) < 1e-3 && kurtogram.best.rangeHz.contains(0.17 * 3000))
  }

  @Test("pre-whitened samples are those whose cepstrum is zero", arguments: try GoldenKurtogram.all())
  func whitened(golden: GoldenKurtogram) throws {
    let white = try CepstralPrewhitening.whiten(golden.samples)
    #expect(white.count == golden.samples.count)
    let peak = golden.white.map(abs).max() ?? 0
    for (k, value) in golden.white.enumerated() { #expect(abs(Double(white[97 * k]) - value) < 1e-4 * peak, "sample \(97 * k)") }
  }

  @Test("a band's envelope has NumPy's lines, plain and whitened, squared or not", arguments: try GoldenKurtogram.all())
  func envelopes(golden: GoldenKurtogram) throws {
    for (name, lines) in golden.envelopes {
      var request = SpectrumRequest(kind: .envelope, unit: .gravity)
      request.band = .fixed(golden.band_hz[0]...golden.band_hz[1])
      (request.isSquared, request.isPrewhitened) = (name.hasSuffix("squared"), name.hasPrefix("white"))
      let report = try request.report(golden.samples, sampleRateHz: 3000)
      #expect(report.bandHz == golden.band_hz && report.amplitude.count == lines.count && report.averages == 5)
      let peak = lines.amplitude.max() ?? 0
      for (bin, theirs) in zip(lines.bins, lines.amplitude) {
        #expect(
          abs(Double(report.amplitude[bin]) - theirs) <= 1e-4 * peak, "\(name) \(bin): \(report.amplitude[bin]) for \(theirs)")
      }
    }
  }

  @Test("the band that the kurtogram finds shows the impacts' line, which the whole band drowns")
  func auto() throws {
    var request = SpectrumRequest(kind: .envelope, unit: .gravity)
    (request.isSquared, request.band) = (true, .kurtogram)
    // A hundred faint impacts a second beside tones that beat at 37 Hz, twenty times as strong.
    var random = SplitMix64(seed: 9)
    let samples = (0..<20_000).map { n -> Float in
      let (t, since) = (Double(n) / 10_000, Double(n % 100))
      let ring = 0.2 * exp(-0.06 * since) * sin(2 * .pi * 0.31 * since)
      return Float(ring + 2 * sin(2 * .pi * 500 * t) + 2 * sin(2 * .pi * 537 * t) + 0.01 * random.gaussian())
    }
    let report = try request.report(samples, sampleRateHz: 10_000)
    #expect(report.bandHz[0] > 600 && (report.bandKurtosis ?? 0) > 1, "\(report.bandHz)")
    #expect(try #require(report.highestLines(1).first).frequencyHz == 100)
    request.band = .fixed(10...4990)
    #expect(try #require(try request.report(samples, sampleRateHz: 10_000).highestLines(1).first).frequencyHz == 37)
  }

  @Test("the band is as wide as three harmonics of the bearing's highest line, where that is known")
  func width() throws {
    let golden = try #require(try GoldenKurtogram.all().first)
    var request = SpectrumRequest(kind: .envelope, unit: .gravity)
    (request.band, request.shaftHz) = (.kurtogram, 30)
    request.multiples = BearingMultiples(bpfo: 3.2, bpfi: 4.8, bsf: 2.3, ftf: 0.4)
    let report = try request.report(golden.samples, sampleRateHz: 3000)
    #expect(report.bandHz[1] - report.bandHz[0] >= 3 * 4.8 * 30 - 2)
    let narrow = try Kurtogram(of: golden.samples, sampleRateHz: 3000, leastWidthHz: 1e9)
    #expect(narrow.bands.count == 1 && narrow.best.widthHz == 1500)
  }

  @Test("what has no band, or too few samples, is refused with words, and noise has no kurtosis")
  func refused() throws {
    #expect(throws: SignalError.self) { try Kurtogram(of: [Float](repeating: 1, count: 4000), sampleRateHz: 1000) }
    #expect(throws: SignalError.self) { try Kurtogram(of: [1, 2, 3], sampleRateHz: 1000) }
    #expect(throws: SignalError.self) { try CepstralPrewhitening.whiten([1, 2, 3]) }
    #expect(try CepstralPrewhitening.whiten([Float](repeating: 7, count: 101)) == [Float](repeating: 0, count: 100))
    var request = SpectrumRequest(kind: .envelope, unit: .gravity)
    for band in [400...402, 600...900, -5...0.1] as [ClosedRange<Double>] {
      request.band = .fixed(band)
      #expect(throws: SignalError.self) { try request.report([Float](repeating: 1, count: 1000), sampleRateHz: 1000) }
    }
    var random = SplitMix64(seed: 3)
    let noise = try Kurtogram(of: (0..<20_000).map { _ in Float(random.gaussian()) }, sampleRateHz: 1000)
    #expect(noise.bands.prefix(6).allSatisfy { abs($0.kurtosis) < 0.3 }, "\(noise.bands.prefix(6))")
  }
}

struct GoldenKurtogram: Codable, CustomTestStringConvertible, Sendable {
  let seed: Int
  /// Lower edge and width as parts of half the rate, kurtosis.
  let kurtogram: [[Double]]
  /// Every 97th sample.
  let white: [Double]
  let band_hz: [Double]
  let envelopes: [String: GoldenSpectra.Spectrum]
  var testDescription: String { "\(seed)" }

  var samples: [Float] {
    var random = SplitMix64(seed: UInt64(seed))
    return (0..<8192).map { n in
      let since = Double(n % 401)
      let ring = exp(-0.03 * since) * sin(2 * .pi * 0.17 * since)
      return Float(50 + 1.5 * ring + 2 * sin(2 * .pi * 0.05 * Double(n)) + 0.6 * (2 * random.uniform() - 1))
    }
  }

  static func all() throws -> [Self] {
    struct File: Codable { let cases: [GoldenKurtogram] }
    return try JSONDecoder().decode(File.self, from: Golden.data("kurtogram.json")).cases
  }
}
