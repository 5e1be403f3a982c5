import Contracts
import Signal
import Store
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
    let spent = DaemonState.Link(connected: false, bytesToday: 900, day: Self.noon.nanoseconds / 86_400_000_000_000)
    var budget = ByteBudget(bytesPerDay: 1000, spent, at: Self.noon)
    expect(budget.resting(at: Self.noon).contains(.event), true)
    expect(budget.resting(at: Self.noon.advanced(bySeconds: -86_400)).contains(.event), true)
    var later = ByteBudget(bytesPerDay: 1000, spent, at: Self.noon.advanced(bySeconds: 86_400))
    expect(later.resting(at: Self.noon.advanced(bySeconds: 86_400)), [])
  }

  @Test("after a leap decades ahead and back the next day begins anew as ever")
  func leap() {
    var budget = ByteBudget(bytesPerDay: 1000, at: Self.noon)
    expect(budget.resting(at: Self.noon.advanced(bySeconds: 3e9)), [])
    budget.spend(900, at: Self.noon)
    expect(budget.resting(at: Self.noon).contains(.event), true)
    expect(budget.resting(at: Self.noon.advanced(bySeconds: 86_400)), [])
  }

  @Test("without a budget nothing stops")
  func unlimited() {
    var budget = ByteBudget(bytesPerDay: nil, at: Self.noon)
    budget.spend(.max / 2, at: Self.noon)
    expect(budget.resting(at: Self.noon), [])
  }
}
