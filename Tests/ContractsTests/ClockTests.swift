import Signal
import Testing

@testable import Contracts

@Suite struct ClockTests {
  static let start = UnixTime(seconds: 1_800_000_000)
  var judge = ClockJudge()

  func stamp(_ uptime: Double, _ wall: UnixTime, _ quality: ClockQuality = .unsynchronised, boot: String = "b1") -> ClockStamp {
    ClockStamp(boot: boot, uptime: Int64(uptime * 1e9), wall: wall, quality: quality)
  }

  @Test("a clock that runs, or is nudged, tells nothing")
  mutating func steady() {
    var told: [ClockJump?] = []
    for second in 0..<100 {
      told.append(judge.take(stamp(Double(second), Self.start.advanced(bySeconds: Double(second) * 1.0005))))
    }
    #expect(told.allSatisfy { $0 == nil })
  }

  @Test(
    "a leap of an hour, ten years, or from 1970 is told with what the clock would have shown",
    arguments: [3600.0, -3600, 3.15e8, -3.15e8])
  mutating func leaps(seconds: Double) throws {
    _ = judge.take(stamp(10, Self.start))
    let told = judge.take(stamp(11, Self.start.advanced(bySeconds: seconds + 1)))
    let jump = try #require(told)
    #expect(abs(jump.seconds - seconds) < 0.001)
    #expect(abs(jump.from.seconds(since: Self.start) - 1) < 0.001)
    #expect(jump.corrects)
    let again = judge.take(stamp(12, Self.start.advanced(bySeconds: seconds + 2)))
    #expect(again == nil)
  }

  @Test("a leap to a time before Thrum puts nothing right; the way back does")
  mutating func wrong() throws {
    _ = judge.take(stamp(1, Self.start))
    let away = judge.take(stamp(2, UnixTime(seconds: 2), .wrong))
    #expect(try #require(away).corrects == false)
    let back = judge.take(stamp(3, Self.start.advanced(bySeconds: 2)))
    #expect(try #require(back).corrects)
  }

  @Test("that a clock comes to be trusted is told, though it did not leap")
  mutating func trusted() throws {
    _ = judge.take(stamp(1, Self.start))
    let told = judge.take(stamp(2, Self.start.advanced(bySeconds: 1), .synchronised))
    #expect(abs(try #require(told).seconds) < 0.001)
  }

  @Test("another boot is no leap")
  mutating func reboot() {
    _ = judge.take(stamp(1000, Self.start))
    let told = judge.take(stamp(5, Self.start.advanced(bySeconds: 1e6), boot: "b2"))
    #expect(told == nil)
  }
}
