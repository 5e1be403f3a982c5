import Signal
import Testing

@testable import Anomaly

@Suite("Scalars")
struct ScalarTests {
  /// A point with the ledger that all its outcomes add up to.
  struct ScalarBench {
    let settings: ScalarSettings
    var pipeline: ScalarPipeline
    var ledger = Ledger()
    var last: PointOutcome
    var baseline: [BaselineWindow] = []
    var changes: [VerdictChange] = []
    var seconds = 1_000_000.0

    init(_ settings: ScalarSettings, restored: RestoredPoint? = nil) {
      self.settings = settings
      pipeline = ScalarPipeline(point: Bench.point, settings: settings, restored: restored)
      last = pipeline.begin()
    }

    mutating func take(_ value: Double, after step: Double = 600, sequence: UInt64? = nil, capture: UnixTime? = nil) {
      seconds += step
      let reading = Reading(
        value: value, unit: .celsius, quantity: .temperature, time: capture, sequence: sequence,
        receivedAt: UnixTime(seconds: seconds))
      run { $0.take(reading, arrival: 0, into: &$1) }
    }

    mutating func run(_ body: (ScalarPipeline, inout PointOutcome) -> Void) {
      last = pipeline.begin()
      body(pipeline, &last)
      ledger += last.ledger
      baseline += last.baseline
      changes += last.changes
    }

    mutating func restart() {
      pipeline = ScalarPipeline(
        point: Bench.point, settings: settings, restored: RestoredPoint(state: last.state, baseline: baseline))
    }

    var verdict: Verdict { pipeline.state.verdict }
  }

  private static func settings(_ limits: ScalarLimits = ScalarLimits(), learn: Int = 0) -> ScalarSettings {
    var settings = ScalarSettings()
    settings.limits = limits
    settings.baselineWindows = learn
    return settings
  }

  private static let limits = ScalarLimits(alarmBelow: 5, warningBelow: 10, warningAbove: 70, alarmAbove: 90)

  @Test(
    "three of five beyond a limit raise, ten within it clear, with a reason in words",
    arguments: [
      (80, .warning, "Temperature 80 °C is above the warning limit, 70 °C."),
      (95, .alarm, "Temperature 95 °C is above the alarm limit, 90 °C."),
      (7, .warning, "Temperature 7 °C is below the warning limit, 10 °C."),
      (1, .alarm, "Temperature 1 °C is below the alarm limit, 5 °C."),
    ] as [(Double, Verdict, String)])
  func limits(value: Double, verdict: Verdict, words: String) {
    var bench = ScalarBench(Self.settings(Self.limits))
    bench.take(40)
    #expect(bench.verdict == .normal)
    for _ in 0..<2 { bench.take(value) }
    #expect(bench.verdict == .normal)
    bench.take(value)
    #expect(bench.verdict == verdict)
    #expect(bench.last.changes.first?.explanation.words == words)
    #expect(bench.last.changes.first?.explanation.decidedBy == ["limits"])
    for _ in 0..<9 { bench.take(40) }
    #expect(bench.verdict.priority != nil)
    bench.take(40)
    #expect(bench.verdict == .normal)
    #expect(bench.ledger.analysed == bench.ledger.received && bench.ledger.balances)
  }

  @Test("a value on its limit is within it")
  func onLimit() {
    var bench = ScalarBench(Self.settings(Self.limits))
    for value in [70.0, 10, 70, 10, 70, 10] { bench.take(value) }
    #expect(bench.verdict == .normal)
  }

  @Test("a rate is the slope of the last minute, a single outlier is none", arguments: [1.0, 5, 30, 600])
  func rate(spacing: Double) {
    var bench = ScalarBench(Self.settings(ScalarLimits(ratePerMinute: 2)))
    for index in 0..<100 { bench.take(20 + Double(index % 2) * 0.01, after: spacing) }
    bench.take(21, after: spacing)
    for _ in 0..<100 { bench.take(20, after: spacing) }
    #expect(bench.changes.map(\.verdict) == [.normal])
    for index in 1...100 { bench.take(20 - Double(index) * 3 * spacing / 60, after: spacing) }
    #expect(bench.verdict == .warning)
    #expect(bench.changes.last?.explanation.words.hasPrefix("Temperature falls by ") == true)
    #expect(bench.changes.last?.explanation.words.hasSuffix(" °C a minute, more than 2.") == true)
  }

  @Test("nothing declared and nothing learned: nothing is said")
  func nothing() {
    var bench = ScalarBench(Self.settings())
    bench.take(1e6)
    #expect(bench.verdict == .abstain(.noRuleApplies))
    var learning = ScalarBench(Self.settings(learn: 10))
    learning.take(1)
    #expect(learning.verdict == .abstain(.learning))
    #expect(learning.last.state.baseline.phase == .learning && learning.last.state.baseline.windows == 1)
  }

  private static func noise(_ random: inout SplitMix64) -> Double { (0..<12).reduce(-6) { sum, _ in sum + random.uniform() } }

  @Test("a mean that has moved by two of its standard deviations is a change, told with both values; the same mean is none")
  func change() {
    var random = SplitMix64(seed: 9)
    var bench = ScalarBench(Self.settings(learn: 200))
    for _ in 0..<200 { bench.take(50 + Self.noise(&random)) }
    #expect(bench.verdict == .normal && bench.last.state.baseline.phase == .ready)
    for _ in 0..<300 { bench.take(50 + Self.noise(&random)) }
    #expect(bench.verdict == .normal && bench.changes.count == 2)
    for _ in 0..<15 { bench.take(52 + Self.noise(&random)) }
    #expect(bench.verdict == .warning && bench.changes.last?.explanation.decidedBy == ["change"])
    #expect(bench.changes.last?.explanation.words.hasPrefix("Temperature has changed from ") == true)
    #expect((bench.last.state.score ?? 0) >= 1)
    for _ in 0..<100 { bench.take(50 + Self.noise(&random)) }
    #expect(bench.verdict == .normal)
  }

  @Test("over seeded healthy months of ten-minute means, false changes are rare")
  func falseChanges() throws {
    var changes = 0
    for seed in 1...40 as ClosedRange<UInt64> {
      var random = SplitMix64(seed: seed)
      var charts = try #require(ChangeCharts(learned: (0..<500).map { _ in Self.noise(&random) }))
      for _ in 0..<4320 {
        let before = charts.isChanged
        charts.take(Self.noise(&random))
        if charts.isChanged, !before { changes += 1 }
      }
    }
    #expect(changes <= 20, "\(changes) in 40 months")
    print("scalars: \(changes) false changes in 40 months of independent ten-minute means")
  }

  @Test("the charts are as their definitions say, step by step")
  func charts() throws {
    var random = SplitMix64(seed: 12)
    let learned = (0..<50).map { _ in 10 + 3 * Self.noise(&random) }
    var charts = try #require(ChangeCharts(learned: learned))
    let mean = learned.reduce(0, +) / 50
    let deviation = (learned.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 49).squareRoot()
    var values: [Double] = []
    for _ in 0..<200 {
      let value = 11 + 3 * Self.noise(&random)
      values.append((value - mean) / deviation)
      charts.take(value)
      // Sums over all values so far, without recursion.
      let average = values.reversed().enumerated().reduce(0) { $0 + 0.2 * pow(0.8, $1.offset) * $1.element }
      let spread = (0.2 / 1.8 * (1 - pow(0.64, values.count))).squareRoot()
      let sums = values.indices.map { start in values[start...].reduce(0) { $0 + $1 - 0.5 } }
      let falls = values.indices.map { start in values[start...].reduce(0) { $0 - $1 - 0.5 } }
      let cusum = max(0, max(sums.max() ?? 0, falls.max() ?? 0))
      #expect(abs(charts.score - min(abs(average) / (3 * spread), cusum / 5)) < 1e-9)
    }
  }

  private func pow(_ base: Double, _ exponent: Int) -> Double { (0..<exponent).reduce(1) { power, _ in power * base } }

  @Test("what never varied has no scale, so only limits are asked")
  func constant() {
    var bench = ScalarBench(Self.settings(learn: 20))
    for _ in 0..<30 { bench.take(100) }
    for _ in 0..<50 { bench.take(101) }
    #expect(bench.verdict == .abstain(.noRuleApplies))
  }

  @Test("faster readings are learned as means of ten minutes")
  func groups() {
    var bench = ScalarBench(Self.settings(learn: 100))
    for index in 0..<1201 { bench.take(Double(index % 2), after: 1) }
    #expect(bench.baseline.map(\.features) == [[0], [0.5], [0.5]])
    #expect(bench.baseline.map(\.index) == [0, 1, 2])
  }

  @Test("what was learned outlives a restart; unhealthy readings are not learned from")
  func restart() {
    var bench = ScalarBench(Self.settings(Self.limits, learn: 6))
    for value in [40.0, 41, 99, 42] { bench.take(value) }
    #expect(bench.baseline.map(\.features) == [[40], [41], [42]])
    bench.restart()
    for value in [43.0, 44, 45] { bench.take(value) }
    #expect(bench.baseline.map(\.index) == Array(0..<6) && bench.last.state.baseline.phase == .ready)
    bench.restart()
    for _ in 0..<10 { bench.take(60) }
    #expect(bench.verdict == .warning)
  }

  @Test("every reading is somewhere, once: late, sent again, not finite, not decoded, waiting before it was a scalar")
  func ledger() {
    var bench = ScalarBench(Self.settings(Self.limits))
    for sequence in [1, 2, 5, 5, 4] as [UInt64] { bench.take(40, sequence: sequence) }
    bench.take(.nan, sequence: 6)
    bench.run { $0.quarantine(.malformed, into: &$1) }
    bench.run { $0.duplicate(into: &$1) }
    #expect(bench.ledger.received == 8 && bench.ledger.analysed == 3 && bench.ledger.duplicate == 2 && bench.ledger.missing == 1)
    #expect(bench.ledger.quarantined == [.late: 1, .notFinite: 1, .malformed: 1] && bench.ledger.balances)
    var state = PointState()
    state.pendingFrames = 2
    var former = ScalarBench(Self.settings(), restored: RestoredPoint(state: state))
    former.take(1)
    #expect(former.ledger.pending == -2 && former.ledger.dropped == [.restart: 2] && former.ledger.analysed == 1)
  }

  @Test("three values in a row that are none are the sensor's fault, told once, and its recovery once")
  func sensorFault() {
    var bench = ScalarBench(Self.settings(Self.limits))
    for _ in 0..<3 { bench.take(.infinity) }
    #expect(bench.verdict == .abstain(.sensorFault) && bench.last.occurrences.count == 1)
    bench.take(.nan)
    #expect(bench.last.occurrences.isEmpty)
    bench.take(40)
    #expect(bench.last.occurrences.count == 1 && bench.verdict == .normal)
  }

  @Test("a value beyond what the sensor can measure is quarantined and not judged")
  func range() {
    var settings = Self.settings(Self.limits)
    settings.measuringRange = 120
    var bench = ScalarBench(settings)
    for value in [40.0, 121, -121, 120] { bench.take(value) }
    #expect(bench.ledger.quarantined == [.range: 2] && bench.ledger.analysed == 2 && bench.ledger.balances)
  }

  @Test("silence for longer than one and a half intervals is stale")
  func silence() {
    var settings = Self.settings(Self.limits)
    settings.expectedIntervalSeconds = 60
    var bench = ScalarBench(settings)
    bench.take(40)
    let came = bench.seconds
    bench.run { #expect(!$0.noteSilence(at: UnixTime(seconds: came + 89), into: &$1)) }
    bench.run { #expect($0.noteSilence(at: UnixTime(seconds: came + 91), into: &$1)) }
    #expect(bench.verdict == .abstain(.stale))
    bench.take(40)
    #expect(bench.verdict == .normal)
  }

  @Test("told to learn nothing it collects nothing; told to forget it has learned nothing, and learns anew")
  func people() {
    var bench = ScalarBench(Self.settings(Self.limits, learn: 20))
    bench.pipeline.mayLearn = false
    for _ in 0..<30 { bench.take(40) }
    #expect(bench.baseline.isEmpty)
    bench.pipeline.mayLearn = true
    for index in 0..<30 { bench.take(40 + Double(index % 3)) }
    #expect(bench.pipeline.state.baseline.phase == .ready)
    bench.run { $0.forgetBaseline(into: &$1) }
    #expect(bench.last.state.baseline == BaselineProgress())
    for index in 0..<30 { bench.take(40 + Double(index % 3)) }
    #expect(bench.last.state.baseline.phase == .ready)
    #expect(bench.last.ledger.balances)
  }
}

@Suite("Scalars of a machine that stands")
struct ScalarAtRestTests {
  @Test("a machine that cools down at night is no change; the same without a vibration point is", arguments: [true, false])
  func gated(isTold: Bool) {
    var settings = ScalarSettings()
    settings.baselineWindows = 60
    let pipeline = ScalarPipeline(point: Bench.point, settings: settings)
    var (random, machine, worst) = (SplitMix64(seed: 3), MachineReadings(), Verdict.normal)
    for minute in 0..<6 * 1440 {
      let stands = minute > 2880 && (minute / 60) % 24 < 10
      let time = UnixTime(seconds: 60 * Double(minute))
      machine.take(stands ? .stopped : .steady, at: time)
      let reading = Reading(
        value: (stands ? 30 : 60) + random.gaussian(), unit: .celsius, quantity: .temperature, receivedAt: time)
      var outcome = pipeline.begin()
      pipeline.take(reading, arrival: 0, machine: isTold ? machine : nil, into: &outcome)
      worst = max(worst, outcome.state.verdict)
    }
    #expect((worst == .normal) == isTold)
  }
}
