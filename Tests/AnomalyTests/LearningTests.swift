import Signal
import Testing

@testable import Anomaly

@Suite("Learning at a point")
struct LearningTests {
  private static var settings: PointSettings {
    var settings = PointSettings.small
    settings.baselineWindows = 40
    return settings
  }

  @Test("a complete baseline is handed out once; its model speaks from then on and is told")
  func training() throws {
    var (bench, maker) = (Bench(Self.settings), FrameMaker())
    var job: TrainingJob?
    for number in 0..<30 {
      bench.take(maker.frame(sequence: number))
      job = job ?? bench.pipeline.takeTraining()
    }
    let model = try #require(job).run()
    #expect(bench.pipeline.takeTraining() == nil)
    #expect(bench.last.state.verdict == .abstain(.learning))
    bench.run { $0.install(model, at: UnixTime(seconds: 5), into: &$1) }
    guard case .baselineReady(let report)? = bench.last.occurrences.first?.kind else {
      return #expect(Bool(false), "nothing told")
    }
    #expect(report == BaselineReport(windows: 40, modelVersion: model.version, uncalibrated: true))
    bench.take(maker.frame(sequence: 30))
    #expect(bench.last.state.baseline.phase == .ready)
    #expect(bench.last.state.verdict == .normal)
    #expect((bench.last.state.probability ?? 1) < 0.5)
  }

  @Test("a baseline goes on after a restart, and one that was complete is handed out again")
  func restart() {
    var (bench, maker) = (Bench(Self.settings), FrameMaker())
    var stored: [BaselineWindow] = []
    var jobs = 0
    for number in 0..<60 {
      bench.take(maker.frame(sequence: number))
      stored += bench.last.baseline
      jobs += bench.pipeline.takeTraining() == nil ? 0 : 1
      if number % 10 == 9 { bench.restart(baseline: stored) }
    }
    #expect(stored.map(\.index) == Array(0..<40))
    #expect(jobs == 4)
  }

  @Test("a stored model speaks at once; one that cannot be read is learned anew", arguments: [true, false])
  func restoredModel(isWhole: Bool) throws {
    var (bench, maker) = (Bench(Self.settings), FrameMaker())
    var job: TrainingJob?
    for number in 0..<30 {
      bench.take(maker.frame(sequence: number))
      job = job ?? bench.pipeline.takeTraining()
    }
    var bytes = try #require(job).run().encoded()
    if !isWhole { bytes[100] ^= 1 }
    bench.restart(model: bytes)
    bench.take(maker.frame(sequence: 31))
    #expect((bench.last.state.score != nil) == isWhole)
    #expect(bench.last.baseline.isEmpty == isWhole)
  }

  @Test("windows of another rate or unit are neither learned from nor scored", arguments: [true, false])
  func otherShape(otherRate: Bool) throws {
    var (bench, maker) = (Bench(Self.settings), FrameMaker())
    for number in 0..<10 { bench.take(maker.frame(sequence: number)) }
    let learned = bench.last.state.baseline.windows
    if otherRate { maker.rate = 5120 } else { maker.unit = .metrePerSecondSquared }
    bench.take(maker.frame(sequence: 10))
    #expect(bench.last.state.baseline.windows == learned)
    #expect(bench.last.ledger.analysed == 1)
  }

  @Test("five windows in a hundred of a machine that was knocked at are not learned: knocks raise an alarm afterwards")
  func contaminated() throws {
    var settings = Self.settings
    settings.baselineWindows = 200
    var bench = Bench(settings)
    var random = SplitMix64(seed: 9)
    func frame(_ number: Int, isKnocked: Bool) -> Frame {
      var values = (0..<256).map { _ in Float(random.gaussian()) }
      if isKnocked { for index in stride(from: 10, to: 250, by: 40) { values[index] += 12 } }
      // Each stands alone, so that none shares a knock with the next.
      return FrameMaker.frame(values, rate: 2560, sequence: UInt64(number), at: Double(number))
    }
    var job: TrainingJob?
    for number in 0..<400 where job == nil {
      bench.take(frame(number, isKnocked: number % 25 == 7))
      job = bench.pipeline.takeTraining()
    }
    let model = try #require(job).run()
    bench.run { $0.install(model, at: UnixTime(seconds: 1), into: &$1) }
    for number in 400..<430 { bench.take(frame(number, isKnocked: false)) }
    #expect(bench.last.state.verdict == .normal)
    for number in 430..<440 { bench.take(frame(number, isKnocked: true)) }
    #expect(bench.last.state.verdict == .alarm)
  }

  @Test("trends hold at most one row a minute")
  func trends() {
    var (bench, maker) = (Bench(Self.settings), FrameMaker())
    var rows: [TrendRow] = []
    for number in 0..<1200 {
      bench.take(maker.frame(sequence: UInt64(number), at: 1000 + 0.1 * Double(number)))
      rows += bench.last.trend
    }
    #expect(rows.map { $0.time.seconds(since: UnixTime(seconds: 1000)).rounded() } == [0, 60])
  }
}
