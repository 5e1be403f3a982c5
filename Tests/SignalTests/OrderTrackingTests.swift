import Foundation
import TestSupport
import Testing

@testable import Signal

/// A shaft that runs up from 10 to 30 turns per second in 8 s; scripts/golden/orders.py made the figures another way.
@Suite("Order tracking")
struct OrderTrackingTests {
  private let golden: GoldenOrders

  init() throws { golden = try JSONDecoder().decode(GoldenOrders.self, from: Golden.data("orders.json")) }

  @Test("between pulses the moment of an angle is SciPy's")
  func angle() throws {
    let shaft = try golden.shaft()
    for (angle, seconds) in zip(golden.angles, golden.seconds) {
      #expect(abs(shaft.seconds(atTurns: angle) - seconds) < 1e-7)
      #expect(abs(shaft.turns(atSeconds: shaft.seconds(atTurns: angle)) - angle) < 1e-6)
    }
  }

  @Test("between samples the value is SciPy's, within 1e-4 of the highest")
  func value() throws {
    let (shaft, interpolation) = (try golden.shaft(), SincInterpolation(golden.samples))
    for (angle, value) in zip(golden.angles, golden.values) {
      let ours = interpolation.value(at: shaft.seconds(atTurns: angle) * golden.sample_rate_hz)
      #expect(abs(Double(ours) - value) < 1e-4 * 7, "\(angle) turns: \(ours) for \(value)")
    }
  }

  @Test("the orders of the run-up have SciPy's amplitudes, each in one line")
  func orders() throws {
    let tracked = try AngularResampling(of: golden.samples, sampleRateHz: golden.sample_rate_hz, shaft: golden.shaft())
    let perTurn = tracked.samplesPerTurn
    // From turn 8 to 104: the first of ours is turn 1.
    let part = Array(tracked.samples[7 * perTurn..<103 * perTurn])
    let spectrum = try part.withUnsafeBufferPointer {
      try AmplitudeSpectrum(of: $0, sampleRateHz: Double(perTurn), segment: 16 * perTurn, window: .hann)
    }
    for row in golden.rms_of_orders {
      #expect(abs(spectrum.rms[Int(row[0] * 16)] - row[1]) < 1e-4 * 0.707, "order \(row[0])")
    }
    #expect(perTurn.isMultiple(of: 2) && Double(perTurn) >= golden.sample_rate_hz / tracked.speedsHz.lowerBound)
    #expect(abs(tracked.speedsHz.lowerBound - 10.25) < 0.2 && abs(tracked.speedsHz.upperBound - 30) < 0.2)
  }

  @Test("pulses and speeds that tell the same run-up give the same spectrum, which says its speed")
  func request() throws {
    var request = SpectrumRequest(kind: .order, unit: .gravity)
    (request.shaft, request.speedSource) = (try golden.shaft(), .tacho)
    let byPulses = try request.report(golden.samples, sampleRateHz: golden.sample_rate_hz)
    (request.shaft, request.speedSource) = (try ShaftAngle(speeds: [10, 30], seconds: [0, 8]), .profile)
    let bySpeeds = try request.report(golden.samples, sampleRateHz: golden.sample_rate_hz)
    for report in [byPulses, bySpeeds] {
      #expect(report.lines.map(\.name) == ["0.5x", "1x", "2x", "3x"])
      #expect(abs(report.lines[1].amplitude - 0.7071) < 1e-3 && report.lines[1].ratioToFloor > 100)
      let orders = try #require(report.orders)
      #expect(abs((orders.last ?? 0) - 0.8 * 1000 / 30) < 0.5, "\(orders.last ?? 0)")
      let highest = try #require(report.highestLines(2).last)
      #expect(abs(orders[Int((highest.frequencyHz / report.resolutionHz).rounded())] - 7) < 1e-9)
      #expect(abs(try #require(report.speed?.rpm) - 1200) < 15)
    }
    #expect(byPulses.speed?.source == .tacho && bySpeeds.speed?.source == .profile && byPulses.speed?.rangeRpm?.count == 2)
  }

  @Test("a steady shaft's order spectrum is its power spectrum", arguments: [0.0, 1000])
  func steady(offset: Float) throws {
    let samples = (0..<12_000).map { offset + Float(sin(2 * Double.pi * 60 * Double($0) / 3000)) }
    var request = SpectrumRequest(kind: .order, unit: .gravity)
    request.shaft = try ShaftAngle(speeds: [20, 20], seconds: [-1, 10])
    let report = try request.report(samples, sampleRateHz: 3000)
    #expect(abs(report.amplitude[60] - Float(0.5).squareRoot()) < 2e-4)
    for (k, amplitude) in report.amplitude.enumerated() where abs(k - 60) > 2 { #expect(amplitude < 2e-4, "\(k): \(amplitude)") }
  }

  @Test("a missing pulse, one too many, times that do not ascend and a shaft at rest are refused with words")
  func refused() throws {
    let even = (0..<20).map { Double($0) * 0.05 }
    #expect(throws: SignalError.self) { try ShaftAngle(pulses: [0, 0.1, 0.2], perTurn: 1) }
    let reasons = [even.filter { $0 != even[7] }, (even + [0.52]).sorted(), even + [0.9], even + [.nan]].map { pulses in
      do throws(SignalError) {
        _ = try ShaftAngle(pulses: pulses, perTurn: 1)
        return "taken"
      } catch { return error.reason }
    }
    #expect(reasons[0] == "a pulse is missing after 0.3 s" && reasons[1].hasPrefix("there is a pulse too many"), "\(reasons)")
    #expect(reasons[2].contains("pulse 21 is not after") && reasons[3].contains("pulse 21 is not after"), "\(reasons)")
    #expect(throws: SignalError.self) { try ShaftAngle(speeds: [20, 0], seconds: [0, 1]) }
    #expect(throws: SignalError.self) { try ShaftAngle(speeds: [20, 20], seconds: [1, 1]) }
    let shaft = try ShaftAngle(pulses: even, perTurn: 1)
    #expect(throws: SignalError.self) {
      try AngularResampling(of: [Float](repeating: 1, count: 50), sampleRateHz: 1000, shaft: shaft)
    }
    var request = SpectrumRequest(kind: .order, unit: .gravity)
    (request.shaft, request.segmentSeconds) = (shaft, 2)
    #expect(throws: SignalError.self) { try request.report([Float](repeating: 1, count: 1000), sampleRateHz: 1000) }
  }
}

struct GoldenOrders: Codable, Sendable {
  let sample_rate_hz, start_hz, hz_per_s: Double
  let count, pulses_per_turn: Int
  /// Order, amplitude, phase.
  let orders: [[Double]]
  /// Hz, amplitude.
  let hum: [Double]
  let angles, seconds, values: [Double]
  /// Order, RMS.
  let rms_of_orders: [[Double]]

  var samples: [Float] {
    (0..<count).map { n in
      let t = Double(n) / sample_rate_hz
      let turns = start_hz * t + hz_per_s / 2 * t * t
      let shaft = orders.reduce(0) { $0 + $1[1] * sin(2 * .pi * $1[0] * turns + $1[2]) }
      return Float(5 + shaft + hum[1] * sin(2 * .pi * hum[0] * t))
    }
  }

  func shaft() throws -> ShaftAngle {
    let seconds = Double(count) / sample_rate_hz
    let last = Int((start_hz * seconds + hz_per_s / 2 * seconds * seconds) * Double(pulses_per_turn))
    let pulses = (0...last).map { k in
      ((start_hz * start_hz + 2 * hz_per_s * Double(k) / Double(pulses_per_turn)).squareRoot() - start_hz) / hz_per_s
    }
    return try ShaftAngle(pulses: pulses, perTurn: pulses_per_turn)
  }
}
