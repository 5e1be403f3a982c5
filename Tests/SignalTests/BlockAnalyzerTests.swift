import Foundation
import TestSupport
import Testing

@testable import Signal

@Suite("BlockAnalyzer")
struct BlockAnalyzerTests {
  @Test("a slow machine's velocity counts from 2 Hz on, in a block of ten periods", arguments: [(3.0, 10.0), (1.0, 0.05)])
  func slow(frequencyHz: Double, expected: Double) throws {
    let omega = 2 * Double.pi * frequencyHz
    let samples = (0..<12800).map { Float(0.01 * 2.0.squareRoot() * omega * sin(omega * Double($0) / 2560)) }
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: 2560, velocityBandHz: 2...1000)
    let velocity = samples.withUnsafeBufferPointer { analyzer.velocityRMS($0, unit: .metrePerSecondSquared) }
    #expect(abs(try #require(velocity) - expected) < 0.05)
    let short = try BlockAnalyzer(sampleCount: 2560, sampleRateHz: 2560, velocityBandHz: 2...1000)
    #expect(samples.prefix(2560).withContiguousStorageIfAvailable { short.velocityRMS($0, unit: .gravity) } == .some(nil))
  }

  @Test("velocity RMS agrees with SciPy, in the frequency domain and, more loosely, in time", arguments: try GoldenBlock.all())
  func scipyVelocity(block: GoldenBlock) throws {
    let velocity = try #require(try velocityRMS(block.samples(), .metrePerSecondSquared, block.sample_rate_hz))
    #expect(abs(velocity / block.velocity_rms_mm_s - 1) < 1e-4)
    #expect(abs(velocity / block.velocity_rms_in_time_mm_s - 1) < 0.03)
  }

  @Test("the whitened envelope's spectrum agrees with NumPy", arguments: try GoldenBlock.all())
  func numpyEnvelope(block: GoldenBlock) throws {
    let samples = try block.samples()
    let expected = Golden.floats(try Golden.data("signal/\(block.name).envelope.f32"))
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: block.sample_rate_hz)
    let spectrum = samples.withUnsafeBufferPointer { analyzer.envelopeSpectrum($0) }
    let largest = expected.max() ?? 0
    #expect(spectrum.amplitude.count == expected.count && spectrum.resolutionHz == 1)
    for (ours, theirs) in zip(spectrum.amplitude, expected).dropFirst() { #expect(abs(ours - theirs) < 1e-3 * largest) }
  }

  @Test("10 m/s² RMS at 159.155 Hz, where ω is 1000/s, is 10.00 mm/s", arguments: [25600, 12000, 24414, 8192.5])
  func physics(rate: Double) throws {
    let samples = tone(rms: 10, hz: 159.155, rate: rate, seconds: 1.3)
    #expect(abs(try #require(try velocityRMS(samples, .metrePerSecondSquared, rate)) - 10) < 0.005)
  }

  @Test(
    "every unit comes to the same velocity",
    arguments: [
      (.gravity, 10 / 9.80665), (.metrePerSecondSquared, 10), (.millimetrePerSecond, 10), (.inchPerSecond, 10 / 25.4),
      (.micrometre, 10), (.mil, 10 / 25.4),
    ] as [(SignalUnit, Double)])
  func units(unit: SignalUnit, rms: Double) throws {
    let samples = tone(rms: rms, hz: 159.155, rate: 10000, seconds: 1)
    #expect(abs(try #require(try velocityRMS(samples, unit, 10000)) - 10) < 0.005)
  }

  @Test("an offset, and what lies outside 10 to 1000 Hz, do not count: less than a thousandth of 26.5 and 14.5 mm/s")
  func band() throws {
    let (below, above) = (tone(rms: 1, hz: 6, rate: 10000, seconds: 1), tone(rms: 100, hz: 1100, rate: 10000, seconds: 1))
    let samples = zip(below, above).map { $0 + $1 + 5 }
    #expect(try #require(try velocityRMS(samples, .metrePerSecondSquared, 10000)) < 0.001 * (26.5 + 14.5))
  }

  @Test("nothing is said where the band cannot be measured, and short blocks are refused")
  func limits() throws {
    #expect(try velocityRMS([Float](repeating: 0, count: 3000), .gravity, 1500) == nil)
    #expect { try BlockAnalyzer(sampleCount: 24000, sampleRateHz: 24414) } throws: {
      "\($0)".contains("lasts 0.98 s, at least 1 s is needed")
    }
  }

  @Test(
    "a rate that is too low is called that, however long the block", arguments: [(6000, 63.9), (200, 50), (10, 50), (3, 2e7)])
  func rate(sampleCount: Int, sampleRateHz: Double) {
    #expect { try BlockAnalyzer(sampleCount: sampleCount, sampleRateHz: sampleRateHz) } throws: {
      "\($0)".contains("at \(sampleRateHz) Hz") && "\($0)".contains("rate from 64 Hz to 10 MHz") && !"\($0)".contains("1 s")
    }
  }

  @Test("segments of a second cover the block evenly, half overlapped", arguments: [1000, 1001, 1499, 1500, 1501, 2000, 5300])
  func segments(sampleCount: Int) {
    let segments = Segments(sampleCount: sampleCount, sampleRateHz: 1000)
    #expect(segments.starts.first == 0 && segments.starts.last == sampleCount - 1000)
    for (a, b) in zip(segments.starts, segments.starts.dropFirst()) { #expect((1...500).contains(b - a)) }
  }

  private func velocityRMS(_ samples: [Float], _ unit: SignalUnit, _ rate: Double) throws -> Double? {
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: rate)
    return samples.withUnsafeBufferPointer { analyzer.velocityRMS($0, unit: unit) }
  }

  private func tone(rms: Double, hz: Double, rate: Double, seconds: Double) -> [Float] {
    (0..<Int(seconds * rate)).map { Float(rms * 2.0.squareRoot() * sin(2 * .pi * hz * Double($0) / rate + 0.4)) }
  }
}

struct GoldenBlock: Codable, CustomTestStringConvertible, Sendable {
  let name: String
  let sample_rate_hz: Double
  let velocity_rms_mm_s: Double
  let velocity_rms_in_time_mm_s: Double
  var testDescription: String { name }

  func samples() throws -> [Float] { Golden.floats(try Golden.data("signal/\(name).f32")) }

  static func all() throws -> [Self] {
    struct File: Codable { let blocks: [GoldenBlock] }
    return try JSONDecoder().decode(File.self, from: Golden.data("signal/expected.json")).blocks
  }
}
