import Glibc
import Signal
import Testing

@testable import Anomaly

@Suite("Disturbances")
struct DisturbanceTests {
  private let tone = (0..<4096).map { Float(sin(2 * Double.pi * Double($0) / 32)) }

  private func changed(_ name: String, seed: UInt64 = 1) throws -> [Float] {
    let disturbance = try #require(Disturbance.all.first { $0.name == name })
    let stretch = RecordedStretch(snapshots: [tone], unit: .gravity, sampleRateHz: 1000)
    return try #require(disturbance.applied(to: stretch, seed: seed).snapshots.first)
  }

  @Test("noise has the power it is named by", arguments: [("noise_20_db", 0.01), ("noise_10_db", 0.1), ("noise_0_db", 1)])
  func noise(name: String, ratio: Double) throws {
    let noise = zip(try changed(name), tone).map { $0 - $1 }
    let power = pow(Disturbance.deviation(noise) / Disturbance.deviation(tone), 2)
    #expect(abs(power / ratio - 1) < 0.1)
  }

  @Test("the same seed disturbs the same, another differently")
  func seeded() throws {
    #expect(try changed("noise_10_db") == changed("noise_10_db"))
    #expect(try changed("noise_10_db") != changed("noise_10_db", seed: 2))
    #expect(Set(Disturbance.all.map(\.name)).count == Disturbance.all.count)
  }

  @Test("missing samples are gone, held ones repeat the one before")
  func missing() throws {
    #expect((4000..<4090).contains(try changed("samples_missing_1_pct").count))
    let held = try changed("samples_held_5_pct")
    #expect((120..<300).contains(zip(held, tone).count { $0 != $1 }) && held.count == tone.count)
  }

  @Test("gain and clipping do what they are named by")
  func amplitude() throws {
    #expect(try changed("gain_plus_20_pct").max() == 1.2 && changed("gain_minus_20_pct").max() == 0.8)
    #expect(try changed("clipped_at_half_peak").max() == 0.5)
  }

  @Test(
    "a wrong rate stretches the signal and keeps its shape",
    arguments: [("resampled_plus_1_pct", 1.01), ("resampled_minus_1_pct", 0.99)])
  func resampled(name: String, factor: Double) throws {
    let samples = try changed(name)
    #expect(abs(Double(samples.count) - 4096 * factor) <= 2)
    for index in samples.indices.dropFirst(4).dropLast(4) {
      #expect(abs(Double(samples[index]) - sin(2 * Double.pi * Double(index) / factor / 32)) < 0.01)
    }
  }
}

@Suite("Curves of an evaluation")
struct DetectionCurveTests {
  @Test("a curve runs from no alarm to all, and bins hold every window")
  func corners() throws {
    let curves = try #require(DetectionCurves(healthy: [0.1, 0.2, 0.6], faulty: [0.6, 0.9, 1]))
    #expect(curves.roc.map(\.x) == [0, 0, 1.0 / 3, 1])
    #expect(curves.roc.map(\.y) == [0, 2.0 / 3, 1, 1])
    #expect(curves.precisionRecall.map(\.y) == [1, 1, 0.75, 0.5])
    #expect(curves.reliability.map(\.windows) == [1, 1, 2, 2] && curves.reliability.map(\.faultShare) == [0, 0, 0.5, 1])
    #expect(DetectionCurves(healthy: [], faulty: [1]) == nil && DetectionCurves(healthy: [1], faulty: []) == nil)
  }

  @Test("however many windows, a perfect curve keeps its corner")
  func corner() throws {
    let curves = try #require(
      DetectionCurves(healthy: (0..<3000).map { Double($0) / 10_000 }, faulty: (5000..<9000).map { Double($0) / 10_000 }))
    #expect(curves.roc.map(\.x) == [0, 0, 1] && curves.roc.map(\.y) == [0, 1, 1])
  }

  @Test("many windows make no more points than can be seen, with both ends")
  func bounded() throws {
    let many = (0..<5000).map { Double($0) / 5000 }
    let curves = try #require(DetectionCurves(healthy: many, faulty: many.map { $0 + 1e-5 }))
    #expect(curves.roc.count == 400 && curves.roc.first == .init(x: 0, y: 0) && curves.roc.last == .init(x: 1, y: 1))
  }
}
