import Glibc
import Signal
import Testing

@testable import Anomaly

@Suite("Time until the next zone")
struct PrognosisTests {
  private static let limits = SeverityLimits(ab: 1.4, bc: 2.8, cd: 4.5)

  /// A row a minute that grows by a part an hour, with noise of a part of it.
  private static func history(_ count: Int = 240, growthPerHour: Double, noise: Double, seed: UInt64, from: Double = 2)
    -> [TrendRow]
  {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { minute in
      let level = from * exp(log(1 + growthPerHour) * Double(minute) / 60) * exp(noise * random.gaussian())
      return row(level, minute)
    }
  }

  private static func row(_ velocity: Double?, _ minute: Int, _ verdict: Verdict = .normal) -> TrendRow {
    TrendRow(
      time: UnixTime(seconds: Double(minute) * 60), velocityRMS: velocity, rms: 1, kurtosis: 3, probability: nil, verdict: verdict
    )
  }

  @Test("what grows evenly reaches the limit when it will")
  func exact() throws {
    let found = try #require(Prognosis(Self.history(growthPerHour: 0.05, noise: 0, seed: 1), limits: Self.limits))
    let level = 2 * exp(log(1.05) * 239 / 60)
    let expected = 3600 * log(2.8 / level) / log(1.05)
    #expect(found.zone == .c && found.limit == 2.8)
    #expect(abs(found.seconds.lowerBound / expected - 1) < 0.02 && abs(found.seconds.upperBound / expected - 1) < 0.02)
  }

  @Test("four in five intervals hold the truth, of independent noise at least seven in ten")
  func coverage() {
    var (held, told) = (0, 0)
    for seed in 0..<200 {
      let growth = 0.05
      guard let found = Prognosis(Self.history(growthPerHour: growth, noise: 0.03, seed: UInt64(seed)), limits: Self.limits)
      else {
        continue
      }
      told += 1
      let level = 2 * exp(log(1 + growth) * 239 / 60)
      if found.seconds.contains(3600 * log(2.8 / level) / log(1 + growth)) { held += 1 }
    }
    #expect(told > 190)
    #expect(Double(held) / Double(told) > 0.7, "\(held) of \(told)")
  }

  @Test("nothing is foretold of what stands, falls, only trembles, has no history, or lies too far ahead")
  func unknown() {
    for (growth, noise) in [(0.0, 0.0), (-0.05, 0.01), (0.0, 0.05), (0.001, 0.0001)] {
      var told = 0
      for seed in 0..<20 {
        told +=
          Prognosis(Self.history(growthPerHour: growth, noise: noise, seed: UInt64(seed)), limits: Self.limits) == nil ? 0 : 1
      }
      #expect(told <= 3, "\(growth) \(noise): \(told)")
    }
    #expect(Prognosis(Self.history(19, growthPerHour: 0.5, noise: 0, seed: 1), limits: Self.limits) == nil)
    #expect(Prognosis(Self.history(growthPerHour: 0.05, noise: 0, seed: 1, from: 5), limits: Self.limits) == nil)
    #expect(Prognosis([], limits: Self.limits) == nil)
  }

  @Test("a zone that the newest rows stand in is not foretold, and of zone D nothing is")
  func standing() {
    let history = Self.history(growthPerHour: 0.05, noise: 0, seed: 1)
    let jumped = { (level: Double) in history + (0..<5).map { Self.row(level, 240 + $0) } }
    #expect(Prognosis(history, limits: Self.limits)?.zone == .c)
    #expect(Prognosis(jumped(3), limits: Self.limits)?.zone != .c)
    #expect(Prognosis(jumped(100), limits: Self.limits) == nil)
    #expect(Prognosis.isInLastZone(jumped(100), limits: Self.limits) && !Prognosis.isInLastZone(history, limits: Self.limits))
    #expect(!Prognosis.isInLastZone([], limits: Self.limits))
  }

  @Test("stops, gaps and a wild block in between change little")
  func robust() throws {
    var history = Self.history(growthPerHour: 0.05, noise: 0.001, seed: 3)
    let clean = try #require(Prognosis(history, limits: Self.limits))
    for minute in stride(from: 5, to: 235, by: 20) {
      history[minute] = Self.row(0.01, minute, .suppressed(.stopped))
      history[minute + 1] = Self.row(nil, minute + 1)
      history[minute + 2] = Self.row(40, minute + 2)
    }
    let found = try #require(Prognosis(history, limits: Self.limits))
    #expect(abs(found.seconds.lowerBound / clean.seconds.lowerBound - 1) < 0.1)
  }
}
