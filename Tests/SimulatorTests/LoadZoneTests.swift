import Testing

@testable import Simulator

@Suite("Load zone")
struct LoadZoneTests {
  @Test("half of the circle carries when there is neither clearance nor preload, and all of it with preload")
  func extent() {
    let half = LoadZone(factor: 0.5)
    #expect(half.load(turns: 0) == 1 && half.load(turns: 1) == 1)
    #expect(half.load(turns: 0.24) > 0 && half.load(turns: 0.26) == 0 && half.load(turns: 0.5) == 0)
    #expect(LoadZone(factor: 1.25).load(turns: 0.5) > 0)
  }

  @Test("the load is alike on both sides and falls away from the middle")
  func shape() {
    let loads = stride(from: 0, through: 0.5, by: 0.01).map { LoadZone().load(turns: $0) }
    #expect(zip(loads, loads.dropFirst()).allSatisfy { $0 > $1 })
    for turns in [0.1, 0.3] { #expect(abs(LoadZone().load(turns: turns) - LoadZone().load(turns: 1 - turns)) < 1e-12) }
  }
}
