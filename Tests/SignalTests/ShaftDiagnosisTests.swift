import Glibc
import Testing

@testable import Signal

/// Velocity signals with known lines at 24.7 Hz of shaft, in noise; mm/s.
@Suite("Shaft diagnosis")
struct ShaftDiagnosisTests {
  static let shaftHz = 24.7

  @Test("a line's velocity is right, whatever the unit and wherever between two bins", arguments: [24.7, 25.0, 25.5, 120.25])
  func amplitude(hz: Double) throws {
    let omega = 2 * Double.pi * hz
    for (unit, factor) in [
      (SignalUnit.millimetrePerSecond, 1.0), (.metrePerSecondSquared, omega / 1e3), (.micrometre, 1e3 / omega),
    ] {
      let density = try density(of: [(hz, 3 * factor)], unit: unit, noise: 0)
      let line = try #require(density.line("", at: hz))
      #expect(abs(line.velocityRMS - 3) < 0.02, "\(unit)")
    }
  }

  @Test(
    "each cause is told by its lines, with what would confirm it",
    arguments: [
      ([1: 4.0, 2: 0.5], .unbalance), ([0.5: 0.8, 1: 2, 1.5: 0.7, 2: 1.5, 3: 1.2, 4: 0.6], .looseness),
      ([1: 0.3, 22: 0.8, 23: 3, 24: 0.8], .gear),
    ] as [([Double: Double], ShaftDiagnosis.Cause)])
  func causes(orders: [Double: Double], cause: ShaftDiagnosis.Cause) throws {
    let lines = try lines(orders)
    let diagnosis = try #require(ShaftDiagnosis(radial: lines))
    #expect(diagnosis.cause == cause)
    #expect(diagnosis.description.contains("consistent with \(cause.rawValue); to confirm it, "))
  }

  @Test("twice the line frequency is electrical, unless a harmonic of the shaft lies there")
  func electrical() throws {
    let mains = try density(of: [(Self.shaftHz, 0.5), (100, 3)])
    #expect(
      ShaftDiagnosis(radial: ShaftLines(in: mains, shaftHz: Self.shaftHz, parts: MachineParts(lineHz: 50)))?.cause == .electrical)
    #expect(ShaftDiagnosis(radial: ShaftLines(in: mains, shaftHz: 25, parts: MachineParts(lineHz: 50)))?.cause != .electrical)
  }

  @Test("misalignment is spoken of only where an axial point moves too")
  func misalignment() throws {
    let radial = try lines([1: 2, 2: 2.5])
    #expect(ShaftDiagnosis(radial: radial) == nil)
    #expect(ShaftDiagnosis(radial: radial, axial: try lines([1: 0.1])) == nil)
    #expect(ShaftDiagnosis(radial: radial, axial: try lines([1: 1, 2: 2]))?.cause == .misalignment)
  }

  @Test("noise, and lines that are not the shaft's, are consistent with nothing")
  func silent() throws {
    #expect(ShaftDiagnosis(radial: try lines([:])) == nil)
    #expect(ShaftDiagnosis(radial: try lines([1.27: 4])) == nil)
  }

  private func lines(_ orders: [Double: Double]) throws -> ShaftLines {
    let density = try density(of: orders.map { ($0.key * Self.shaftHz, $0.value) })
    return ShaftLines(in: density, shaftHz: Self.shaftHz, parts: MachineParts(teeth: 23))
  }

  private func density(
    of tones: [(hz: Double, rms: Double)], unit: SignalUnit = .millimetrePerSecond, noise: Float = 0.3
  ) throws -> VelocityDensity {
    var random = SplitMix64(seed: 5)
    let samples = (0..<10240).map { n in
      tones.reduce(noise * Float.random(in: -1...1, using: &random)) { sum, tone in
        sum + Float(tone.rms * 2.0.squareRoot() * sin(2 * .pi * tone.hz * Double(n) / 5120 + tone.hz))
      }
    }
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: 5120)
    return samples.withUnsafeBufferPointer { analyzer.velocityDensity($0, unit: unit) }
  }
}
