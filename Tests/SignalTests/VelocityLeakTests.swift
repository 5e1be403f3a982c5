import Foundation
import Testing

@testable import Signal

/// What lies outside the band of velocity RMS must not count, what lies inside must, whatever rate, length and phase.
@Suite("Velocity RMS and its band")
struct VelocityLeakTests {
  static let blocks: [(rateHz: Double, seconds: Double)] = [
    (2560, 1), (4096, 1.37), (5120.5, 3), (10_000, 1), (12_000, 2.2), (25_600, 1), (24_414, 1.7),
  ]
  static let longBlocks: [(rateHz: Double, seconds: Double)] = [(2560, 5), (4096, 7.3), (2560.5, 12), (12_000, 5)]

  @Test("a tone 2.6 resolutions below the band or more leaks less than 0.2 %", arguments: blocks + longBlocks)
  func below(rateHz: Double, seconds: Double) throws {
    let nearest = 10 - Self.border(seconds)
    let tones = [0.3, 2.2] + Array(stride(from: 4.7, through: nearest, by: 0.9)) + [nearest]
    for hz in tones { try leak(hz, rateHz, seconds, VelocityBand.usualHz) }
  }

  @Test("so it does in the band of slow machines", arguments: longBlocks)
  func belowSlow(rateHz: Double, seconds: Double) throws {
    for hz in [0.1, 0.55, 0.9, 1.2, 1.4, 2 - Self.border(seconds)] { try leak(hz, rateHz, seconds, 2...1000) }
  }

  @Test("a tone 2.6 resolutions above the band or more leaks less than 0.2 %", arguments: blocks + longBlocks)
  func above(rateHz: Double, seconds: Double) throws {
    let nearest = 1000 + Self.border(seconds)
    let tones = [nearest] + Array(stride(from: nearest + 0.4, through: 1006, by: 1.1)) + [1050, 0.45 * rateHz]
    for hz in tones where hz >= nearest { try leak(hz, rateHz, seconds, VelocityBand.usualHz) }
  }

  @Test("a minute is cut into stretches of ten seconds: a quarter of a hertz tells")
  func minute() throws {
    for hz in [9.74, 1000.26] { try leak(hz, 2560, 61.7, VelocityBand.usualHz) }
    let inside = try Self.velocity(Self.tone(hz: 10.3, 2560, 61.7, phase: 0), 2560, VelocityBand.usualHz, .millimetrePerSecond)
    #expect(abs(inside - 1) < 0.002)
  }

  @Test("a line on the band's edge belongs to it, however its frequency is rounded", arguments: [7.7, 8.3, 9.1, 10])
  func edge(seconds: Double) throws {
    let velocity = try Self.velocity(
      Self.tone(hz: 10, 12_000, seconds, phase: 0), 12_000, VelocityBand.usualHz, .millimetrePerSecond)
    #expect(velocity > 0.85, "\(velocity)")
  }

  @Test("a band that lies between two lines of the spectrum is not measured as nothing")
  func narrow() throws {
    let tone = Self.tone(hz: 49.6, 25_600, 1, phase: 0)
    #expect(try Self.band(tone, 25_600, 49.2...49.8) == nil)
    #expect(try Self.band(tone, 25_600, 47...52) ?? 0 > 0.9)
  }

  @Test(
    "what lies outside a band of any beginning leaks less than 0.2 %: a resolution is a twentieth of that, or what the block allows",
    arguments: [(0.2, 100.0), (0.5, 60), (0.5, 20), (1, 40), (1.5, 30), (3, 25), (8, 20)], [40.0, 100])
  func lowBand(band: (beginHz: Double, seconds: Double), rateHz: Double) throws {
    let length = min(band.seconds, max(10, 20 / band.beginHz))
    let range = band.beginHz...4 * band.beginHz
    guard rateHz > 2 * range.upperBound else { return }
    for hz in [band.beginHz - 2.6 / length, range.upperBound + 2.6 / length] where hz > 0.02 {
      for phase in [0, 1.6] {
        let leak = try #require(try Self.band(Self.tone(hz: hz, rateHz, band.seconds, phase: phase), rateHz, range))
        #expect(leak < 0.002, "\(hz) Hz leaks \(100 * leak) %, phase \(phase)")
      }
    }
    let inside = try Self.band(Self.tone(hz: 2 * band.beginHz, rateHz, band.seconds, phase: 1), rateHz, range)
    #expect(abs((inside ?? 0) - 1) < 0.004)
  }

  @Test("a band's figure does not depend on which others are asked for")
  func independent() throws {
    let samples = Self.tone(hz: 6.1, 100, 50, phase: 0)
    let alone = try Self.band(samples, 100, 5...20)
    let analyzer = try BandAnalyzer(sampleCount: samples.count, sampleRateHz: 100, bandsHz: [0...4, 0.5...3, 5...20])
    #expect(samples.withUnsafeBufferPointer { analyzer.rms($0, bandHz: 5...20) } == alone)
    #expect(try #require(samples.withUnsafeBufferPointer { analyzer.rms($0, bandHz: 0...4) }) < 0.002)
  }

  private static func band(_ samples: [Float], _ rateHz: Double, _ bandHz: ClosedRange<Double>) throws -> Double? {
    let analyzer = try BandAnalyzer(sampleCount: samples.count, sampleRateHz: rateHz, bandsHz: [bandHz])
    return samples.withUnsafeBufferPointer { analyzer.rms($0, bandHz: bandHz) }
  }

  @Test("an offset of a thousand times the signal changes nothing by 0.2 %, in no unit", arguments: blocks)
  func offset(rateHz: Double, seconds: Double) throws {
    let tone = Self.tone(hz: 100, rateHz, seconds, phase: 0.4)
    for unit in [SignalUnit.metrePerSecondSquared, .millimetrePerSecond, .micrometre] {
      let plain = try Self.velocity(tone, rateHz, VelocityBand.usualHz, unit)
      let shifted = try Self.velocity(tone.map { $0 + 1000 }, rateHz, VelocityBand.usualHz, unit)
      let nothing = try Self.velocity(tone.map { _ in 1000 }, rateHz, VelocityBand.usualHz, unit)
      #expect(abs(shifted / plain - 1) < 0.002 && nothing == 0, "\(unit.rawValue): \(shifted) for \(plain), \(nothing)")
    }
  }

  @Test("10 m/s² RMS at 159.155 Hz are 10.00 mm/s within 0.1 % at every rate and length", arguments: blocks + longBlocks)
  func physics(rateHz: Double, seconds: Double) throws {
    for phase in [0, 0.8, 1.6, 2.4] {
      let samples = Self.tone(hz: 159.155, rateHz, seconds, phase: phase).map { 10 * $0 }
      for band in [VelocityBand.usualHz, 2...1000] where seconds * band.lowerBound >= 10 {
        let velocity = try Self.velocity(samples, rateHz, band, .metrePerSecondSquared)
        #expect(abs(velocity / 10 - 1) < 0.001, "\(velocity) mm/s, phase \(phase), from \(band.lowerBound) Hz")
      }
    }
  }

  @Test("a tone three resolutions inside the band counts whole, within 0.4 %", arguments: blocks + longBlocks)
  func inside(rateHz: Double, seconds: Double) throws {
    let resolution = 1 / min(seconds, 10)
    for hz in [10 + 3 * resolution, 10 + 3.4 * resolution, 13.5, 20.25, 400, 1000 - 3 * resolution] {
      let expected = 1000 / (2 * Double.pi * hz)
      let velocity = try Self.velocity(
        Self.tone(hz: hz, rateHz, seconds, phase: 1), rateHz, VelocityBand.usualHz, .metrePerSecondSquared)
      #expect(abs(velocity / expected - 1) < 0.004, "\(hz) Hz: \(velocity / expected)")
    }
  }

  @Test(
    "flat-top reads a tone within 0.5 % everywhere between two bins, and 10.00 µm of 10 m/s² within 0.1 % where a bin is 0.08 Hz or less",
    arguments: [2000.0, 5120, 12_000])
  func flatTop(rateHz: Double) throws {
    for step in 0..<20 {
      let hz = 150 + 0.05 * Double(step) * 1.7
      let highest = try Self.highest(.power, hz: hz, rateHz, segment: 1.7)
      #expect(abs(highest - 1) < 0.005, "\(hz) Hz reads \(highest)")
    }
    for kind in [SpectrumRequest.Kind.velocity, .displacement] {
      for segment in [13.3, 20, 24.9] {
        #expect(abs(try Self.highest(kind, hz: 159.155, rateHz, segment: segment) - 1) < 0.001, "\(kind) \(segment) s")
      }
    }
  }

  @Test("a slow machine's block may hold an odd number of samples")
  func odd() throws {
    let samples = Self.tone(hz: 100, 2560, 5.0003, phase: 0)
    #expect(samples.count == 12_801)
    let velocity = try Self.velocity(samples, 2560, 2...1000, .millimetrePerSecond)
    #expect(abs(velocity - 1) < 0.001)
  }

  /// Hz from the band: longer blocks than ten seconds are cut.
  private static func border(_ seconds: Double) -> Double { 2.6 / min(seconds, 10) }

  /// As a part of the tone's own velocity, in two phases.
  private func leak(_ hz: Double, _ rateHz: Double, _ seconds: Double, _ band: ClosedRange<Double>) throws {
    let own = 1000 / (2 * Double.pi * hz)
    for phase in [0, 1.6] {
      let samples = Self.tone(hz: hz, rateHz, seconds, phase: phase)
      let velocity = try Self.velocity(samples, rateHz, band, .metrePerSecondSquared)
      #expect(velocity / own < 0.002, "\(hz) Hz leaks \(100 * velocity / own) %, phase \(phase)")
    }
  }

  private static func highest(_ kind: SpectrumRequest.Kind, hz: Double, _ rateHz: Double, segment: Double) throws -> Double {
    var request = SpectrumRequest(kind: kind, unit: .metrePerSecondSquared)
    (request.window, request.segmentSeconds) = (.flattop, segment)
    let report = try request.report(tone(hz: hz, rateHz, 1.1 * segment, phase: 0.3), sampleRateHz: rateHz)
    return Double(report.amplitude.max() ?? 0)
  }

  private static func velocity(
    _ samples: [Float], _ rateHz: Double, _ band: ClosedRange<Double>, _ unit: SignalUnit
  ) throws -> Double {
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: rateHz, velocityBandHz: band)
    return try #require(samples.withUnsafeBufferPointer { analyzer.velocityRMS($0, unit: unit) })
  }

  /// RMS 1.
  private static func tone(hz: Double, _ rateHz: Double, _ seconds: Double, phase: Double) -> [Float] {
    let step = 2 * Double.pi * hz / rateHz
    return (0..<Int((rateHz * seconds).rounded(.up))).map { Float(2.0.squareRoot() * sin(step * Double($0) + phase)) }
  }
}
