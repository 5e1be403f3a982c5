import Foundation
import Signal
import Testing

@Suite("Tachometer")
struct TachometerTests {
  /// Pulses of a fifth of a turn's part, from a level of `low` up to `high`.
  private static func pulses(
    rpm: Double, perTurn: Double, seconds: Double = 1, rate: Double = 10_000, low: Float = 0, high: Float = 5, noise: Float = 0
  ) -> [Float] {
    var random = SplitMix64(seed: 3)
    return (0..<Int(seconds * rate)).map { index in
      let turn = (Double(index) / rate * rpm / 60 * perTurn).truncatingRemainder(dividingBy: 1)
      return (turn > 0.4 && turn < 0.6 ? high : low) + noise * Float(random.uniform() - 0.5)
    }
  }

  @Test(
    "speed within a tenth of a percent over a second, whatever level, sign and noise",
    arguments: [(1485.0, 1.0), (600, 60), (29_700, 1), (180, 1)],
    [(0, 5, 0), (-12, -2, 1), (5, 0, 0.5)] as [(Float, Float, Float)])
  func speed(shaft: (rpm: Double, perTurn: Double), signal: (low: Float, high: Float, noise: Float)) throws {
    let samples = Self.pulses(
      rpm: shaft.rpm, perTurn: shaft.perTurn, low: signal.low, high: signal.high, noise: signal.noise)
    let speed = try #require(Tachometer.speedRPM(samples, sampleRateHz: 10_000, pulsesPerTurn: shaft.perTurn))
    #expect(abs(speed / shaft.rpm - 1) < 0.001, "\(speed)")
  }

  @Test("a slow edge with noise on it is one pulse")
  func slowEdge() throws {
    var random = SplitMix64(seed: 4)
    let samples = (0..<20_000).map { Float(sin(2 * .pi * 7 * Double($0) / 10_000) + 0.05 * (random.uniform() - 0.5)) }
    let speed = try #require(Tachometer.speedRPM(samples, sampleRateHz: 10_000, pulsesPerTurn: 1))
    #expect(abs(speed - 420) < 2)
  }

  @Test("no speed is told from what no shaft does: nothing, one pulse, a missed one, no numbers")
  func unknown() {
    func speed(_ samples: [Float]) -> Double? { Tachometer.speedRPM(samples, sampleRateHz: 10_000, pulsesPerTurn: 1) }
    #expect(speed([]) == nil && speed([1]) == nil && speed([Float](repeating: 2, count: 1000)) == nil)
    #expect(speed(Self.pulses(rpm: 60, perTurn: 1)) == nil)
    var missed = Self.pulses(rpm: 600, perTurn: 1)
    for index in 3000..<4000 { missed[index] = 0 }
    #expect(speed(missed) == nil)
    #expect(speed([.nan, .nan, 1, .nan]) == nil && speed([-.infinity, .infinity, 0, 1]) == nil)
  }
}
