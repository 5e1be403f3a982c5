import Signal
import Testing

@testable import Anomaly

@Suite("What comes and goes within seconds")
struct OffDelayTests {
  private func mayFall(_ delay: inout OffDelay, _ window: Verdict, at seconds: Double, standing: Verdict = .alarm) -> Bool {
    delay.mayFall(from: standing, window: window, at: UnixTime(seconds: seconds))
  }

  @Test("a verdict comes down after a quiet minute, and each window that agrees with it begins the minute anew")
  func minute() {
    var delay = OffDelay(seconds: 60)
    #expect(!mayFall(&delay, .alarm, at: 0))
    #expect(!mayFall(&delay, .normal, at: 59))
    #expect(!mayFall(&delay, .alarm, at: 59.5))
    #expect(!mayFall(&delay, .normal, at: 119))
    #expect(mayFall(&delay, .normal, at: 119.5))
  }

  @Test("an alarm comes down to a warning after a minute of warnings")
  func warnings() {
    var delay = OffDelay(seconds: 60)
    #expect(!mayFall(&delay, .alarm, at: 0))
    #expect(!mayFall(&delay, .warning, at: 30))
    #expect(mayFall(&delay, .warning, at: 60))
  }

  @Test("after a restart the minute begins with the first window, and so it does when the clock leaps back")
  func anew() {
    var delay = OffDelay(seconds: 60)
    #expect(!mayFall(&delay, .normal, at: 1000))
    #expect(!mayFall(&delay, .normal, at: 10))
    #expect(!mayFall(&delay, .normal, at: 69))
    #expect(mayFall(&delay, .normal, at: 70))
  }

  @Test("without a delay it comes down as the windows say")
  func off() {
    var delay = OffDelay(seconds: 0)
    #expect(mayFall(&delay, .alarm, at: 0))
    #expect(mayFall(&delay, .normal, at: 0))
  }

  @Test("a machine that is quiet again stays in alarm for a minute")
  func pipeline() {
    var settings = PointSettings.small
    settings.baselineWindows = 0
    settings.severity = SeverityLimits(ab: 1.4, bc: 2.8, cd: 4.5)
    var (bench, maker, seconds) = (Bench(settings), FrameMaker(samples: 256, rate: 2560), 1000.0)
    func take(_ count: Int, times factor: Float) {
      for _ in 0..<count {
        seconds += 0.1
        var frame = maker.frame(at: seconds, receivedAt: seconds)
        frame.samples = frame.samples.map { $0 * factor }
        bench.take(frame)
      }
    }
    take(60, times: 5)
    #expect(bench.last.state.verdict == .alarm)
    take(500, times: 0.001)
    #expect(bench.last.state.verdict == .alarm)
    take(200, times: 0.001)
    #expect(bench.last.state.verdict.priority == nil)
  }

  @Test("of one point three waveforms are kept at once, then one in ten minutes; a leap back of the clock gives none")
  func evidence() {
    var pace = EvidencePace()
    var kept: [Int] = []
    for second in 0..<7200 where pace.take(at: UnixTime(seconds: Double(second))) { kept.append(second) }
    #expect(kept.prefix(3) == [0, 1, 2])
    #expect((11...14).contains(kept.count - 3))
    let afterLeap = pace.take(at: UnixTime(seconds: 0))
    #expect(!afterLeap)
  }
}
