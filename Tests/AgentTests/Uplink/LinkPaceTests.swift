import Contracts
import Testing

@testable import Agent

/// A link of a known rate and round trip, simulated: what the pace allows, how full it keeps the link, how long an alarm waits.
@Suite struct LinkPaceTests {
  /// Sends batches of what can wait as the pace allows, for `seconds`; an alarm of 700 bytes every `alarmEvery` seconds.
  struct Line {
    var bytesPerSecond: Double
    var roundTrip: Double
    var batchBytes: (Int) -> Int = { $0 }
    var alarmEvery = 3.7
    private(set) var pace = LinkPace()
    private(set) var carried = 0
    private(set) var slowestAlarm = 0.0
    private var (now, freeAt, nextAlarm, number) = (0.0, 0.0, 5.0, UInt64(0))
    private var answers: [(at: Double, lane: Lane, last: UInt64, bytes: Int)] = []

    init(bytesPerSecond: Double, roundTrip: Double) { (self.bytesPerSecond, self.roundTrip) = (bytesPerSecond, roundTrip) }

    mutating func run(seconds: Double) {
      let end = now + seconds
      while now < end {
        hear()
        if now >= nextAlarm {
          slowestAlarm = max(slowestAlarm, send(.alarm, 700) - now)
          nextAlarm += alarmEvery
        }
        while inFlight <= pace.isFullBytes { _ = send(.trend, batchBytes(pace.batchBytes)) }
        now += 0.005
      }
    }

    private var inFlight: Int { answers.reduce(0) { $0 + ($1.lane == .alarm ? 0 : $1.bytes) } }

    private mutating func hear() {
      for answer in answers where answer.at <= now {
        pace.acknowledged(answer.lane, through: answer.last, now: now)
        carried += answer.bytes
      }
      answers.removeAll { $0.at <= now }
    }

    /// - Returns: when the plane has it.
    private mutating func send(_ lane: Lane, _ bytes: Int) -> Double {
      number += 1
      pace.sent(lane, number...number, bytes: bytes, now: now)
      freeAt = max(freeAt, now) + Double(bytes) / bytesPerSecond
      answers.append((freeAt + roundTrip, lane, number, bytes))
      return freeAt + roundTrip / 2
    }
  }

  @Test(
    "an alarm waits little more than a second behind a backlog, and the backlog fills five sixths of the link",
    arguments: [(8000, 0.02), (8000, 0.6), (2500, 0.3), (60_000, 0.1), (1_000_000, 0.01)] as [(Double, Double)])
  func alarms(bytesPerSecond: Double, roundTrip: Double) {
    var line = Line(bytesPerSecond: bytesPerSecond, roundTrip: roundTrip)
    line.run(seconds: 20)
    let before = line.carried
    line.run(seconds: 60)
    #expect(Double(line.carried - before) / 60 > bytesPerSecond * 5 / 6)
    #expect(line.slowestAlarm < 2 + roundTrip)
  }

  @Test("with items of 12 KiB, which cannot be cut, an alarm waits for one and a half of them at most")
  func largeItems() {
    var line = Line(bytesPerSecond: 8000, roundTrip: 0.1)
    line.batchBytes = { max($0, 12_288) }
    line.run(seconds: 80)
    #expect(line.slowestAlarm < 2.5)
    #expect(Double(line.carried) / 80 > 0.9 * 8000)
  }

  @Test("a link that turns eight times slower is noticed: what is on its way goes back to its two seconds")
  func slower() {
    var line = Line(bytesPerSecond: 64_000, roundTrip: 0.05)
    line.run(seconds: 20)
    line.bytesPerSecond = 8000
    line.run(seconds: 60)
    #expect(line.pace.allowanceBytes <= 16_000)
  }

  @Test("few small messages say nothing about how slow a link is")
  func idle() {
    var pace = LinkPace()
    for number in 1...50 as ClosedRange<UInt64> {
      pace.sent(.alarm, number...number, bytes: 300, now: Double(number))
      pace.acknowledged(.alarm, through: number, now: Double(number) + 0.5)
    }
    #expect(pace.bytesPerSecond >= 4096)
  }

  @Test("what goes again after silence counts once")
  func again() {
    var (once, twice) = (LinkPace(), LinkPace())
    for now in [0.0, 30] { twice.sent(.trend, 1...9, bytes: 50_000, now: now) }
    once.sent(.trend, 1...9, bytes: 50_000, now: 30)
    once.acknowledged(.trend, through: 9, now: 31)
    twice.acknowledged(.trend, through: 9, now: 31)
    #expect(twice.bytesPerSecond == once.bytesPerSecond)
    #expect((20_000...50_000).contains(once.bytesPerSecond))
  }

  @Test("acknowledgements that come in a bunch do not make a thin link a fast one")
  func bunches() {
    var pace = LinkPace()
    var number: UInt64 = 0
    for second in 0..<60 {
      for quarter in 0..<4 {
        number += 1
        pace.sent(.trend, number...number, bytes: 2000, now: Double(second) + 0.25 * Double(quarter))
      }
      for last in number - 3...number { pace.acknowledged(.trend, through: last, now: Double(second) + 1) }
    }
    #expect(pace.bytesPerSecond < 10_000)
  }
}
