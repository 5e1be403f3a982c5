import Signal
import Testing

@testable import Anomaly

@Suite("Operating state")
struct OperatingStateTests {
  @Test("a speed says whether the machine stands, changes or runs; each limit has its hysteresis")
  func speed() {
    var rule = OperatingStateRule(Self.settings)
    let seen: [(second: Double, rpm: Double, state: OperatingState)] = [
      (0, 1500, .steady), (1, 1520, .steady), (2, 1600, .transient), (5, 1600, .transient), (11, 1600, .transient),
      (12, 1600, .steady), (13, 149, .stopped), (14, 170, .stopped), (15, 190, .transient), (16, 900, .transient),
      (17, 1500, .transient), (26, 1500, .transient), (27, 1500, .steady), (28, -1500, .steady), (29, .nan, .unknown),
    ]
    for (second, rpm, state) in seen {
      rule.take(speedRPM: rpm, rms: 1, at: UnixTime(seconds: second))
      #expect(rule.state == state, "at \(second) s, \(rpm) r/min")
    }
  }

  @Test("the level says so where no speed comes")
  func level() {
    var settings = Self.settings
    settings.stoppedBelowRMS = 0.1
    var rule = OperatingStateRule(settings)
    let seen: [(second: Double, rms: Double, state: OperatingState)] = [
      (0, 1, .steady), (1, 0.09, .stopped), (2, 0.11, .stopped), (3, 0.13, .transient), (12, 0.5, .transient), (13, 0.5, .steady),
    ]
    for (second, rms, state) in seen {
      rule.take(speedRPM: nil, rms: rms, at: UnixTime(seconds: second))
      #expect(rule.state == state, "at \(second) s, \(rms)")
    }
  }

  @Test("a motor's current says so where no speed comes, before the level")
  func current() {
    var settings = Self.settings
    (settings.stoppedBelowAmperes, settings.stoppedBelowRMS) = (5, 0.1)
    var rule = OperatingStateRule(settings)
    let seen: [(second: Double, amperes: Double?, state: OperatingState)] = [
      (0, 12, .steady), (1, 4.9, .stopped), (2, 5.5, .stopped), (3, 7, .transient), (13, 7, .steady), (14, nil, .steady),
    ]
    for (second, amperes, state) in seen {
      rule.take(speedRPM: nil, rms: 1, currentAmperes: amperes, at: UnixTime(seconds: second))
      #expect(rule.state == state, "at \(second) s, \(amperes ?? .nan) A")
    }
  }

  @Test(
    "what was learned tells by level too: none is a stop, a low one may be a machine that runs down, and is judged if it stays")
  func learnedLevel() {
    var rule = OperatingStateRule(OperatingStateSettings())
    let seen: [(second: Double, rms: Double, state: OperatingState)] = [
      (0, 1, .unknown), (1, 0.45, .transient), (2, 0.3, .transient), (3, 0.19, .stopped), (4, 0.23, .stopped),
      (5, 0.6, .transient),
      (14, 1, .transient), (15, 1, .unknown), (16, 0.4, .transient), (25, 0.4, .transient), (26, 0.4, .unknown),
      (27, 2, .unknown),
    ]
    for (second, rms, state) in seen {
      rule.take(speedRPM: nil, rms: rms, learnedRMS: 1, at: UnixTime(seconds: second))
      #expect(rule.state == state, "at \(second) s, \(rms)")
    }
  }

  @Test("a week of starts and stops that nobody declared raises nothing, though the machine stands for most of its baseline")
  func startsAndStops() {
    var settings = PointSettings.small
    settings.baselineWindows = 200
    var bench = Bench(settings)
    var random = SplitMix64(seed: 5)
    var alarmed = 0
    for number in 0..<4000 {
      let runs = (number / 20) % 3 == 0
      let level: Double = runs ? 1 : 0.02
      let values = (0..<256).map { _ in Float(level * random.gaussian()) }
      bench.take(FrameMaker.frame(values, rate: 2560, sequence: UInt64(number), at: Double(number) * 0.1))
      if let job = bench.pipeline.takeTraining() { bench.run { $0.install(job.run(), at: UnixTime(seconds: 1), into: &$1) } }
      alarmed += bench.last.changes.count { $0.verdict.priority != nil }
    }
    #expect(bench.last.state.baseline.phase == .ready)
    #expect(alarmed == 0)
    #expect(bench.ledger.balances)
  }

  @Test("what neither speed nor level tells is unknown")
  func unknown() {
    var rule = OperatingStateRule(Self.settings, state: .stopped)
    rule.take(speedRPM: nil, rms: 0, at: UnixTime(seconds: 0))
    #expect(rule.state == .unknown)
  }

  @Test("bursts at another speed each are steady ones, for nobody saw the change")
  func bursts() {
    var rule = OperatingStateRule(Self.settings)
    for (number, rpm) in [1500.0, 900, 0, 1200].enumerated() {
      rule.take(speedRPM: rpm, rms: 1, at: UnixTime(seconds: Double(number) * 600))
      #expect(rule.state == (rpm == 0 ? .stopped : .steady))
    }
  }

  @Test("a machine that stands or starts raises nothing and teaches nothing, however it shakes; running on, it does")
  func suppressed() {
    var settings = SeverityTests.settings
    settings.operatingState = Self.settings
    settings.baselineWindows = 1000
    var bench = Bench(settings)
    for number in 0..<100 {
      let rpm = number < 16 ? 0.0 : number < 32 ? Double(number) * 40 : 1500
      var frame = SeverityTests.shaking(velocityRMS: 5, number)
      (frame.speedRPM, frame.startTime) = (rpm, UnixTime(seconds: Double(number) / 4))
      bench.take(frame)
      let state = bench.last.state
      if number < 32 {
        #expect(state.zone == nil && state.baseline.windows == 0)
        #expect(bench.last.changes.allSatisfy { $0.verdict.priority == nil })
      }
      if number == 8 { #expect(state.verdict == .suppressed(.stopped)) }
      if number == 31 { #expect(state.verdict == .suppressed(.transient)) }
    }
    #expect(bench.last.state.verdict == .alarm)
    #expect(bench.ledger.balances)
  }

  private static var settings: OperatingStateSettings {
    var settings = OperatingStateSettings()
    settings.stoppedBelowRPM = 150
    return settings
  }
}
