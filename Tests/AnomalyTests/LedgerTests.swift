import Signal
import Testing

@testable import Anomaly

@Suite("What becomes of a frame")
struct LedgerTests {
  @Test("a frame shorter than a window waits, and is analysed with the first window it is part of")
  func waiting() {
    var (bench, maker) = (Bench(), FrameMaker(samples: 100))
    for number in 0..<2 { bench.take(maker.frame(sequence: number)) }
    #expect(bench.ledger.pending == 2)
    bench.take(maker.frame(sequence: 2))
    #expect(bench.ledger.analysed == 3)
    #expect(bench.ledger.pending == 0)
  }

  @Test("a frame longer than a window is several windows, once analysed")
  func longFrame() {
    var settings = PointSettings.small
    settings.baselineWindows = 100
    var (bench, maker) = (Bench(settings), FrameMaker(samples: 1024))
    bench.take(maker.frame())
    #expect(bench.last.baseline.map(\.index) == Array(0..<7))
    #expect(bench.ledger.analysed == 1)
  }

  @Test("what waits when its neighbour does not come is dropped", arguments: [Gap.sequence, .time, .session])
  func gap(kind: Gap) {
    var (bench, maker) = (Bench(), FrameMaker(samples: 128))
    bench.take(maker.frame(sequence: kind == .sequence ? 5 : nil, at: kind == .time ? 10 : nil))
    if kind == .session { bench.pipeline.sessionLost() }
    bench.take(maker.frame(sequence: kind == .sequence ? 8 : nil, at: kind == .time ? 10.06 : nil))
    #expect(bench.ledger.dropped == [.gap: 1])
    #expect(bench.ledger.pending == 1)
    #expect(bench.ledger.missing == (kind == .sequence ? 2 : 0))
    bench.take(maker.frame(sequence: kind == .sequence ? 9 : nil, at: kind == .time ? 10.11 : nil))
    #expect(bench.ledger.analysed == 2)
  }

  enum Gap: Sendable { case sequence, time, session }

  @Test("what waited when the process ended is dropped, once")
  func restart() {
    var (bench, maker) = (Bench(), FrameMaker(samples: 100))
    for number in 0..<2 { bench.take(maker.frame(sequence: number)) }
    bench.restart()
    #expect(bench.ledger.dropped == [.restart: 2])
    #expect(bench.ledger.pending == 0)
    bench.take(maker.frame(sequence: 2))
    #expect(bench.ledger.dropped == [.restart: 2])
    #expect(bench.ledger.balances)
  }

  @Test("frames that come with long pauses stand alone, each with a window of its own length")
  func standingAlone() {
    var settings = PointSettings.small
    settings.expectedIntervalSeconds = 10
    var (bench, maker) = (Bench(settings), FrameMaker(samples: 101))
    for number in 0..<5 { bench.take(maker.frame(sequence: number)) }
    #expect(bench.ledger.analysed == 5)
  }

  @Test("a short burst every few minutes is judged as soon as as many windows agree as of a sensor that never pauses")
  func bursts() {
    func framesUntilWarning(_ settings: PointSettings, seconds: Double) -> Int {
      var (bench, maker) = (Bench(settings), FrameMaker())
      for number in 0..<200 {
        let time = 1e6 + Double(number) * seconds
        bench.take(maker.frame(at: time, receivedAt: time))
        if bench.last.state.baseline.windows == 30, bench.last.state.baseline.phase == .learning,
          let job = bench.pipeline.takeTraining()
        {
          let model = job.run()
          bench.run { $0.install(model, at: UnixTime(seconds: time), into: &$1) }
        }
      }
      #expect(bench.last.state.verdict == .normal)
      for number in 1...100 {
        let time = 1e6 + Double(200 + number) * seconds
        var loud = maker.frame(at: time, receivedAt: time)
        for index in stride(from: 0, to: 256, by: 8) { loud.samples[index] *= 20 }
        bench.take(loud)
        if bench.last.state.verdict.priority != nil { return number }
      }
      return 101
    }
    var settings = PointSettings.small
    (settings.baselineWindows, settings.overlap) = (30, 0)
    #expect(framesUntilWarning(settings, seconds: 0.1) <= 13, "three of five, and a block of a second")
    settings.expectedIntervalSeconds = 300
    #expect(framesUntilWarning(settings, seconds: 300) == 3)
  }

  @Test("a burst that comes half an interval late is not stale")
  func lateBurst() {
    var settings = PointSettings.small
    settings.expectedIntervalSeconds = 300
    var (bench, maker) = (Bench(settings), FrameMaker())
    bench.take(maker.frame(receivedAt: 1000))
    bench.run { #expect(!$0.noteSilence(at: UnixTime(seconds: 1449), into: &$1)) }
    bench.run { #expect($0.noteSilence(at: UnixTime(seconds: 1451), into: &$1)) }
  }

  @Test("a burst of a second and more has its severity, one that is shorter says so")
  func burstSeverity() {
    var settings = PointSettings.small
    settings.expectedIntervalSeconds = 300
    settings.severity = SeverityClass(named: "iso20816-3/group2/rigid")?.limits
    var (bench, long) = (Bench(settings), FrameMaker(samples: 2560))
    bench.take(long.frame(receivedAt: 1000))
    #expect(bench.last.state.zone != nil)
    var (brief, short) = (Bench(settings), FrameMaker(samples: 2048))
    for burst in 0..<20 { brief.take(short.frame(receivedAt: 1000 + 300 * Double(burst))) }
    #expect(brief.last.state.zone == nil && brief.last.state.verdict == .abstain(.blockTooShort))
    #expect(brief.ledger.analysed == 20)
  }

  @Test("what cannot be used is quarantined with its reason")
  func quarantine() {
    var settings = PointSettings.small
    settings.sampleRateHz = 2560
    var (bench, maker) = (Bench(settings), FrameMaker())
    let first = maker.frame(sequence: 1)
    bench.take(first)
    bench.take(FrameMaker.frame(first.samples, rate: 2560, sequence: 2))
    bench.take(FrameMaker.frame([Float](repeating: 1, count: 256), rate: 2560, sequence: 3))
    bench.take(FrameMaker.frame([.nan] + maker.frame().samples.dropFirst(), rate: 2560, sequence: 4))
    bench.take(FrameMaker.frame(maker.frame().samples, rate: 2000, sequence: 5))
    bench.run { $0.quarantine(.malformed, into: &$1) }
    #expect(bench.ledger.quarantined == [.repeated: 1, .stuck: 1, .notFinite: 1, .wrongRate: 1, .malformed: 1])
    #expect(bench.ledger.missing == 0)
    #expect(bench.ledger.balances)
  }

  @Test("a broken sensor is told once, and its recovery once")
  func sensorFault() {
    var (bench, maker) = (Bench(), FrameMaker())
    let told = { (bench: Bench) in bench.last.occurrences.map(\.kind) }
    for number in 0..<2 { bench.take(FrameMaker.frame(Self.constant(number), rate: 2560)) }
    #expect(told(bench).isEmpty)
    bench.take(FrameMaker.frame(Self.constant(2), rate: 2560))
    guard case .sensorFault(let report)? = told(bench).first else { return #expect(Bool(false), "no fault was told") }
    #expect(report.reason == "stuck")
    #expect(bench.last.state.verdict == .abstain(.sensorFault))
    bench.take(FrameMaker.frame(Self.constant(3), rate: 2560))
    #expect(told(bench).isEmpty)
    bench.take(maker.frame())
    guard case .sensorRecovered? = told(bench).first else { return #expect(Bool(false), "no recovery was told") }
  }

  @Test("silence for longer than the source promises is stale, and the next window ends it")
  func silence() {
    var settings = PointSettings.small
    settings.expectedIntervalSeconds = 0.1
    var (bench, maker) = (Bench(settings), FrameMaker())
    bench.take(maker.frame(receivedAt: 100))
    bench.run { #expect(!$0.noteSilence(at: UnixTime(seconds: 100.1), into: &$1)) }
    bench.run { #expect($0.noteSilence(at: UnixTime(seconds: 101), into: &$1)) }
    #expect(bench.last.state.verdict == .abstain(.stale))
    bench.take(maker.frame(receivedAt: 102))
    #expect(bench.last.state.verdict == .abstain(.noRuleApplies))
  }

  @Test("whatever happens, every frame is somewhere, once", arguments: 1...12)
  func storm(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var (bench, maker) = (Bench(), FrameMaker(samples: 40 + random.index(below: 400)))
    var sent: [Frame] = []
    var (delivered, received): (Set<UInt64>, Int) = ([], 0)
    for number in 0..<400 {
      let fresh = maker.frame(sequence: UInt64(number), at: Double(number) * 0.2)
      sent.append(fresh)
      for frame in Self.weather(fresh, sent, &random) {
        bench.take(frame)
        received += 1
        if let sequence = frame.sequence { delivered.insert(sequence) }
      }
      if random.index(below: 50) == 0 { bench.restart() }
      #expect(bench.ledger.balances)
      #expect(bench.ledger.pending == bench.last.state.pendingFrames)
    }
    #expect(bench.ledger.received == received)
    #expect(Set(bench.sequences.ranges.flatMap { Array($0) }).symmetricDifference(delivered).isEmpty)
    #expect(bench.ledger.missing == 1 + Int(delivered.max() ?? 0) - Int(delivered.min() ?? 0) - delivered.count)
  }

  /// Most frames arrive, some never, some twice, some late, some broken.
  private static func weather(_ fresh: Frame, _ sent: [Frame], _ random: inout SplitMix64) -> [Frame] {
    switch random.index(below: 20) {
    case 0: return []
    case 1: return [fresh, fresh]
    case 2: return [fresh, sent[random.index(below: sent.count)]]
    case 3:
      var broken = fresh
      broken.samples[0] = .infinity
      return [broken]
    default: return [fresh]
    }
  }

  private static func constant(_ number: Int) -> [Float] { [Float](repeating: Float(number) + 1, count: 256) }
}

extension FrameMaker {
  mutating func frame(sequence: Int) -> Frame { frame(sequence: UInt64(sequence)) }
}
