import Signal
import Testing

@testable import Anomaly

@Suite("The change rule")
struct SeverityChangeTests {
  static let limits = SeverityLimits(ab: 1.4, bc: 2.8, cd: 4.5)

  @Test(
    "two blocks beyond a quarter of B/C (0.7 mm/s), up or down, are a change; it is over 10 % within",
    arguments: [
      ([1.6, 1.6], false), ([1.8], false), ([1.8, 1.8], true), ([0.2, 0.2], true), ([1.8, 1, 1.8], false),
      ([1.8, 1.8, 1.65, 1.65], true), ([1.8, 1.8, 1.6, 1.6], false),
    ] as [([Double], Bool)])
  func rule(velocities: [Double], isChanged: Bool) {
    var rule = ChangeRule()
    for velocity in velocities { rule.take(velocityRMS: velocity, reference: 1, limits: Self.limits) }
    #expect((rule.verdict == .warning) == isChanged)
  }

  @Test("the reference is the mean of the blocks")
  func reference() {
    var reference = VelocityReference()
    #expect(reference.velocityRMS == nil)
    for velocity in [1.0, 2, 3] { reference.take(velocityRMS: velocity) }
    #expect(reference.velocityRMS == 2)
  }

  @Test("slow machines are judged from 2 Hz on, in blocks of ten periods")
  func band() {
    #expect(SeverityBand.band(speedRPM: 599) == 2...1000 && SeverityBand.band(speedRPM: 600) == 10...1000)
    #expect(SeverityBand.blockSeconds(SeverityBand.slow) == 5 && SeverityBand.blockSeconds(SeverityBand.usual) == 1)
  }

  @Test("a class with a source too slow for its band abstains for that reason")
  func rateTooLow() {
    var settings = PointSettings.small
    settings.severity = Self.limits
    var bench = Bench(settings)
    var maker = FrameMaker(samples: 2048, rate: 2048)
    for number in 0..<4 { bench.take(maker.frame(sequence: UInt64(number))) }
    #expect(bench.last.state.verdict == .abstain(.rateTooLow))
    #expect(bench.last.state.zone == nil)
  }

  @Test("the pipeline keeps the reference while it learns, and warns of a change in zone B with its words")
  func pipeline() throws {
    var bench = Bench(Self.learning)
    for number in 0..<24 { bench.take(SeverityTests.shaking(velocityRMS: 1, number)) }
    let job = try #require(bench.pipeline.takeTraining())
    #expect(abs((bench.last.state.reference.velocityRMS ?? 0) - 1) < 0.1)
    let model = job.run()
    bench.run { $0.install(model, at: UnixTime(seconds: 1e6), into: &$1) }
    var changes: [VerdictChange] = []
    for number in 24..<64 {
      bench.take(SeverityTests.shaking(velocityRMS: 2, number))
      changes += bench.last.changes
    }
    #expect(bench.last.state.zone == .b)
    #expect(changes.contains { $0.explanation.decidedBy.contains("change") && $0.explanation.words.contains("went from 1") })
  }

  private static var learning: PointSettings {
    var settings = PointSettings.small
    (settings.windowSamples, settings.severity, settings.baselineWindows) = (1024, limits, 40)
    return settings
  }
}
