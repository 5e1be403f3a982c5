import Glibc
import Signal
import Testing

@testable import Anomaly

@Suite("The budget of false alarms")
struct BudgetTests {
  @Test(
    "how long a decision looks follows from the budget, and how many healthy ones support it",
    arguments: [(2.0, 1, 3600.0, 360), (10, 1, 720, 360), (40, 1, 300, 216), (2, 4, 3600, 1440)])
  func cadence(perMonth: Double, points: Int, seconds: Double, decisions: Int) {
    let budget = FalseAlarmBudget(ofMachine: perMonth, points: points)
    #expect(budget.decisionSeconds == seconds)
    #expect(budget.leastDecisions == decisions)
  }

  @Test("what stays above counts once, until three decisions in a row were below")
  func excursions() {
    #expect(Excursions.count(in: [0, 2, 2, 0, 2, 0, 0, 0, 2], above: 1) == 2)
    #expect(Excursions.count(in: [2, 0, 0, 2], above: 1) == 1)
    #expect(Excursions.count(in: [], above: 1) == 0)
  }

  @Test("values that follow each other are worth fewer independent ones")
  func effective() {
    var (random, value) = (SplitMix64(seed: 4), 0.0)
    let independent = (0..<1000).map { _ in Float(random.gaussian()) }
    let dependent = independent.map { fresh in
      value = 0.9 * value + Double(fresh)
      return Float(value)
    }
    #expect(Excursions.effectiveCount(of: independent) > 700)
    // (1 - 0.9) / (1 + 0.9) of them, in the long run.
    #expect((20...120).contains(Excursions.effectiveCount(of: dependent)))
  }

  @Test(
    "independent healthy decisions raise as many alarms as allowed, however the detectors depend on each other",
    arguments: [0.0, 0.5, 1])
  func allowed(dependence: Double) {
    var raised = 0
    let budget = FalseAlarmBudget(ofMachine: 40)
    let seeds = 10
    for seed in 0..<seeds {
      var (watch, random) = (BudgetWatch(budget), SplitMix64(seed: UInt64(seed)))
      var clock = UnixTime(seconds: 0)
      Self.decide(&watch, 1000, dependence, &clock, &random)
      #expect(watch.isSupported)
      raised += Self.decide(&watch, Int(FalseAlarmBudget.monthSeconds / budget.decisionSeconds), dependence, &clock, &random)
    }
    #expect((20...80).contains(Double(raised) / Double(seeds)))
  }

  @Test("too few healthy decisions support nothing and raise nothing, however strange it becomes")
  func unsupported() {
    var (watch, random, clock) = (BudgetWatch(FalseAlarmBudget(ofMachine: 2)), SplitMix64(seed: 1), UnixTime(seconds: 0))
    Self.decide(&watch, 300, 0, &clock, &random)
    #expect(!watch.isSupported && watch.progress > 0.7 && watch.progress < 1)
    #expect(Self.decide(&watch, 20, 0, &clock, &random, shift: 5) == 0)
  }

  @Test("a shift that no single window would show is raised within three decisions, and told how rare it is")
  func shift() throws {
    var (watch, random, clock) = (BudgetWatch(FalseAlarmBudget(ofMachine: 2)), SplitMix64(seed: 1), UnixTime(seconds: 0))
    Self.decide(&watch, 500, 0.5, &clock, &random)
    #expect(Self.decide(&watch, 3, 0.5, &clock, &random, shift: 1) == 1)
    #expect(try #require(watch.healthyPerMonth) <= 2.1)
    #expect(watch.pValues.allSatisfy { $0 < 0.05 })
    #expect(watch.words?.contains("60 minutes") == true)
  }

  @Test("what was gathered goes on after a restart, and not for another length of decision")
  func restart() throws {
    let budget = FalseAlarmBudget(ofMachine: 40)
    var (watch, random, clock) = (BudgetWatch(budget), SplitMix64(seed: 2), UnixTime(seconds: 0))
    Self.decide(&watch, 400, 0, &clock, &random)
    var file = ModelWriter()
    watch.encode(into: &file)
    var reader = try ModelReader(file.sealed())
    var restored = try BudgetWatch(from: &reader, budget)
    #expect(restored.isSupported == watch.isSupported && restored.healthy == watch.healthy)
    #expect(Self.decide(&restored, 3, 0, &clock, &random, shift: 3) == 1)
    reader = try ModelReader(file.sealed())
    #expect(try BudgetWatch(from: &reader, FalseAlarmBudget(ofMachine: 2)).healthy.isEmpty)
  }

  @Test("another share of the budget keeps what was gathered where decisions stay as long, and takes its own limit from it")
  func share() {
    var (watch, clock, random) = (BudgetWatch(FalseAlarmBudget(ofMachine: 2)), UnixTime(seconds: 0), SplitMix64(seed: 6))
    Self.decide(&watch, 500, 0.5, &clock, &random)
    let half = watch.allowing(FalseAlarmBudget(ofMachine: 2, points: 2))
    #expect(watch.isSupported && half.healthy == watch.healthy && half.budget.perMonth == 1)
    #expect(!half.isSupported, "500 hours are fewer than lie between two alarms at 1 a month")
    #expect(watch.allowing(FalseAlarmBudget(ofMachine: 40)).healthy.isEmpty)
  }

  @Test("a point tells of a slow shift that its debounced score does not show")
  func pipeline() throws {
    var settings = PointSettings.small
    settings.baselineWindows = 60
    settings.expectedIntervalSeconds = 60
    settings.budget = FalseAlarmBudget(ofMachine: 200)
    var (bench, random) = (Bench(settings), SplitMix64(seed: 5))
    var decidedBy: [String] = []
    for number in 0..<800 {
      let level = number < 700 ? 1 : 1.12
      let values = (0..<256).map { _ in Float(level * random.gaussian()) }
      let seconds = 60 * Double(number)
      bench.take(FrameMaker.frame(values, rate: 2560, sequence: UInt64(number), at: seconds, receivedAt: seconds))
      if let job = bench.pipeline.takeTraining() {
        bench.run { $0.install(job.run(), at: UnixTime(seconds: seconds), into: &$1) }
      }
      if number >= 700 { decidedBy += bench.last.changes.flatMap(\.explanation.decidedBy) }
      if number == 699 { #expect(bench.last.state.verdict == .normal) }
    }
    #expect(decidedBy.contains("budget"))
  }

  /// - Parameter dependence: correlation of the detectors' levels.
  /// - Returns: alarms raised.
  @discardableResult static func decide(
    _ watch: inout BudgetWatch, _ count: Int, _ dependence: Double, _ clock: inout UnixTime, _ random: inout SplitMix64,
    shift: Double = 0
  ) -> Int {
    var raised = 0
    for _ in 0..<count {
      let common = random.gaussian()
      let levels = Detectors.all.indices.map { _ in
        0.1 * (shift * 5 + dependence * common + (1 - dependence * dependence).squareRoot() * random.gaussian())
      }
      for _ in 0..<5 {
        let before = watch.isRaised
        let score = Score(joint: 0.3, ratios: SIMD4(Float(exp(levels[0])), Float(exp(levels[1])), Float(exp(levels[2])), 0))
        _ = watch.take(score, at: clock, isObjected: false, mayLearn: true, debounce: DebounceSettings())
        raised += watch.isRaised && !before ? 1 : 0
        clock = clock.advanced(bySeconds: watch.budget.decisionSeconds / 5)
      }
    }
    return raised
  }
}
