import Signal
import Testing

@testable import Agent

@Suite struct ByteBudgetTests {
  static let noon = UnixTime(seconds: 1_800_014_400)

  @Test("lanes stop before the day's bytes are used up, and go on the next day")
  func day() {
    var budget = ByteBudget(bytesPerDay: 1000, at: Self.noon)
    budget.spend(899, at: Self.noon)
    expect(budget.isShort(at: Self.noon), false)
    budget.spend(1, at: Self.noon)
    expect(budget.isShort(at: Self.noon), true)
    expect(budget.isShort(at: Self.noon.advanced(bySeconds: 86_400)), false)
    #expect(budget.bytesToday == 0)
  }

  @Test("a restart and a clock set back do not make the day begin again")
  func restart() {
    var budget = ByteBudget(bytesPerDay: 1000, bytesToday: 900, at: Self.noon)
    expect(budget.isShort(at: Self.noon), true)
    expect(budget.isShort(at: Self.noon.advanced(bySeconds: -86_400)), true)
  }

  @Test("without a budget nothing stops")
  func unlimited() {
    var budget = ByteBudget(bytesPerDay: nil, at: Self.noon)
    budget.spend(.max / 2, at: Self.noon)
    expect(budget.isShort(at: Self.noon), false)
  }

  @Test("the allowance follows the link to two seconds of its rate")
  func rate() {
    var rate = LinkRate()
    for _ in 0..<50 { rate.observe(bytes: 5000, seconds: 0.5) }
    #expect((19_000...21_000).contains(rate.allowanceBytes))
  }
}
