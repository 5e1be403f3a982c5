import Contracts
import Signal
import Testing

@testable import Agent

@Suite struct ByteBudgetTests {
  static let noon = UnixTime(seconds: 1_800_014_400)

  @Test("lanes stop in the order sample, evidence, trend, event before the day's bytes are used up, and go on the next day")
  func day() {
    var budget = ByteBudget(bytesPerDay: 1000, at: Self.noon)
    var stopped: [Set<Lane>] = []
    for bytes in [599, 1, 100, 100, 99, 1] {
      budget.spend(bytes, at: Self.noon)
      stopped.append(budget.resting(at: Self.noon))
    }
    #expect(
      stopped == [
        [], [.sample], [.sample, .evidence], [.sample, .evidence, .trend], [.sample, .evidence, .trend],
        [.sample, .evidence, .trend, .event],
      ])
    expect(budget.resting(at: Self.noon.advanced(bySeconds: 86_400)), [])
    #expect(budget.bytesToday == 0)
  }

  @Test("a restart and a clock set back do not make the day begin again")
  func restart() {
    var budget = ByteBudget(bytesPerDay: 1000, bytesToday: 900, at: Self.noon)
    expect(budget.resting(at: Self.noon).contains(.event), true)
    expect(budget.resting(at: Self.noon.advanced(bySeconds: -86_400)).contains(.event), true)
  }

  @Test("without a budget nothing stops")
  func unlimited() {
    var budget = ByteBudget(bytesPerDay: nil, at: Self.noon)
    budget.spend(.max / 2, at: Self.noon)
    expect(budget.resting(at: Self.noon), [])
  }
}
