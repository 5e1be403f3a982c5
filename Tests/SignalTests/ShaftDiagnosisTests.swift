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

  @Test("sidebands a pole pass beside 1x are electrical where the resolution parts them; alone, lines without poles are not")
  func polePass() throws {
    let parts = MachineParts(lineHz: 50, poles: 4)
    let density = try density(of: [(24.2, 4), (21, 1), (27.4, 0.8)], segmentSeconds: 4)
    let lines = ShaftLines(in: density, shaftHz: 24.2, parts: parts)
    #expect(lines.polePass.prefix(2).map { $0?.stands } == [true, true])
    #expect(abs((lines.polePass[0]?.velocityRMS ?? 0) - 1) < 0.03 && lines.polePass[0]?.name == "1x - pole pass")
    let diagnosis = try #require(ShaftDiagnosis(radial: lines))
    #expect(diagnosis.cause == .electrical && diagnosis.description.contains("1x + pole pass 27.5 Hz"))
    #expect(ShaftDiagnosis(radial: ShaftLines(in: density, shaftHz: 24.2))?.cause == .unbalance)
    let alone = try self.density(of: [(24.2, 4)], segmentSeconds: 4)
    #expect(ShaftDiagnosis(radial: ShaftLines(in: alone, shaftHz: 24.2, parts: parts))?.cause == .unbalance)
    let coarse = try self.density(of: [(24.2, 4), (21, 1), (27.4, 0.8)])
    #expect(ShaftLines(in: coarse, shaftHz: 24.2, parts: parts).polePass.allSatisfy { $0 == nil })
  }

  @Test("slip is what the shaft lacks to the field; a shaft that cannot be the motor's has none")
  func slip() {
    let parts = MachineParts(lineHz: 50, poles: 4)
    #expect(abs((parts.polePassHz(shaftHz: 24.7) ?? 0) - 1.2) < 1e-9)
    #expect(parts.slipHz(shaftHz: 25) == 0 && parts.slipHz(shaftHz: 25.1) == nil && parts.slipHz(shaftHz: 20) == nil)
    #expect(MachineParts(lineHz: 50).slipHz(shaftHz: 24.7) == nil)
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
    of tones: [(hz: Double, rms: Double)], unit: SignalUnit = .millimetrePerSecond, noise: Float = 0.3,
    segmentSeconds: Double = 1
  ) throws -> VelocityDensity {
    var random = SplitMix64(seed: 5)
    let samples = (0..<Int(5120 * max(2, segmentSeconds))).map { n in
      tones.reduce(noise * Float.random(in: -1...1, using: &random)) { sum, tone in
        sum + Float(tone.rms * 2.0.squareRoot() * sin(2 * .pi * tone.hz * Double(n) / 5120 + tone.hz))
      }
    }
    let analyzer = try BlockAnalyzer(sampleCount: samples.count, sampleRateHz: 5120, segmentSeconds: segmentSeconds)
    return samples.withUnsafeBufferPointer { analyzer.velocityDensity($0, unit: unit) }
  }
}
