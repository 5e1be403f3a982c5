import Signal
import Testing

@testable import Anomaly

@Suite("Regimes")
struct RegimeTests {
  @Test("speeds apart are regimes, rare ones none; a baseline without speeds is one")
  func clusters() {
    let speeds = (0..<100).map { (index: Int) -> Double in
      if index == 50 { return 600 }
      return index.isMultiple(of: 2) ? 1480 + Double(index % 5) : -990 - Double(index % 3)
    }
    let found = Regimes.find(speeds)
    #expect(found.map(\.speedRPM) == [990...992, 1480...1484])
    #expect(found.map(\.rows.count) == [50, 49])
    #expect(found.allSatisfy { $0.rows == $0.rows.sorted() })
    let unknown = Regimes.find([Double](repeating: .nan, count: 30))
    #expect(unknown.count == 1 && unknown[0].speedRPM == nil && unknown[0].rows == Array(0..<30))
    #expect(Regimes.find([1000, 2000, 3000]).map(\.rows.count) == [3])
  }

  @Test("each regime is judged by its own windows: what is normal at one speed is not at the other")
  func judged() throws {
    var (bench, maker) = (Bench(Self.settings), RegimeMaker())
    try Self.learn(&bench, &maker)
    for (rpm, level, isNormal) in [(1500.0, 1.0, true), (750, 0.25, true), (750, 1, false)] {
      for _ in 0..<8 { bench.take(maker.frame(rpm: rpm, level: level)) }
      let score = try #require(bench.last.state.score)
      #expect((score < 1) == isNormal, "\(rpm) r/min at \(level): \(score)")
    }
  }

  @Test("at a speed that was not learned, and without one, it abstains and says why; a zone goes on, and does not object")
  func abstains() throws {
    for hasClass in [false, true] {
      var settings = Self.settings
      if hasClass { settings.severity = SeverityLimits(ab: 1e6, bc: 2e6, cd: 3e6) }
      var (bench, maker) = (Bench(settings), RegimeMaker())
      try Self.learn(&bench, &maker)
      for (rpm, reason) in [(1100.0, AbstainReason.unknownRegime), (nil, .missingInput)] {
        for _ in 0..<40 { bench.take(maker.frame(rpm: rpm, level: 0.5)) }
        #expect(bench.last.state.verdict == .abstain(reason))
        #expect(bench.last.state.score == nil && (bench.last.state.zone == .a) == hasClass)
      }
    }
  }

  @Test("what was learned is read back, regime by regime; flipped bits are refused")
  func file() throws {
    var (bench, maker) = (Bench(Self.settings), RegimeMaker())
    let model = try Self.learn(&bench, &maker)
    let decoded = try PointModel(decoding: model.encoded())
    #expect(decoded.version == model.version)
    #expect(decoded.regimes.map(\.speedRPM) == model.regimes.map(\.speedRPM) && decoded.regimes.count == 2)
    var random = SplitMix64(seed: 4)
    for _ in 0..<100 {
      var damaged = model.encoded()
      damaged[random.index(below: damaged.count)] ^= 1 << UInt8(random.index(below: 8))
      #expect(throws: ModelError.self) { try PointModel(decoding: damaged) }
    }
  }

  @Test("speeds survive a restart half-way through the baseline")
  func restart() throws {
    var (bench, maker) = (Bench(Self.settings), RegimeMaker())
    var stored: [BaselineWindow] = []
    var job: TrainingJob?
    for number in 0..<400 where job == nil {
      bench.take(maker.frame(rpm: number / 20 % 2 == 0 ? 1500 : 750, level: number / 20 % 2 == 0 ? 1 : 0.25))
      stored += bench.last.baseline
      if number == 50 { bench.restart(baseline: stored) }
      job = bench.pipeline.takeTraining()
    }
    #expect(try #require(job).run().regimes.count == 2)
  }

  private static var settings: PointSettings {
    var settings = PointSettings.small
    (settings.baselineWindows, settings.operatingState.settleSeconds) = (200, 0)
    return settings
  }

  @discardableResult
  private static func learn(_ bench: inout Bench, _ maker: inout RegimeMaker) throws -> PointModel {
    var job: TrainingJob?
    for number in 0..<400 where job == nil {
      let isFast = number / 20 % 2 == 0
      bench.take(maker.frame(rpm: isFast ? 1500 : 750, level: isFast ? 1 : 0.25))
      job = bench.pipeline.takeTraining()
    }
    let model = try #require(job).run()
    bench.run { $0.install(model, at: UnixTime(seconds: 1), into: &$1) }
    return model
  }
}

/// Noise of a level, at a speed, a tenth of a second a frame.
private struct RegimeMaker {
  private var random = SplitMix64(seed: 11)
  private var number: UInt64 = 0
  private var second = 0.0
  private var rpm: Double?

  /// Another speed comes after a pause, so that no window holds two.
  mutating func frame(rpm: Double?, level: Double) -> Frame {
    second += rpm == self.rpm ? 0.1 : 5
    self.rpm = rpm
    let values = (0..<256).map { _ in Float(level * random.gaussian()) }
    var frame = FrameMaker.frame(values, rate: 2560, sequence: number, at: second)
    frame.speedRPM = rpm
    number += 1
    return frame
  }
}
