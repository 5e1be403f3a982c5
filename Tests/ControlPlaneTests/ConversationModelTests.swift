import Contracts
import SQLite
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import ControlPlane

/// Gateway and plane against each other, over a broker that drops, repeats, delays and reorders, with restarts on both sides and
/// either restored from an old copy: 30,000 seeded steps, then calm.
@Suite struct ConversationModelTests {
  @Test("every committed event is at the plane exactly once, or is shown as a fork", arguments: 1...10)
  func exactlyOnce(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let world = try ModelWorld(seed: seed, folder: folder.path)
    for _ in 0..<3000 { try step(world) }
    #expect(world.lies.isEmpty, "the gateway believed the plane to have what it never had")
    try calm(world)
    try check(world)
  }

  @Test("the model meets every kind of trouble")
  func coverage() throws {
    var counts: [String: Int] = [:]
    for seed in 1...3 {
      let folder = try TemporaryFolder()
      let world = try ModelWorld(seed: UInt64(seed), folder: folder.path)
      for _ in 0..<3000 { try step(world) }
      counts.merge(world.counts, uniquingKeysWith: +)
    }
    for trouble in ["nacks", "forged", "renewed", "plane restored", "gateway restored"] {
      #expect(counts[trouble, default: 0] > 0, "\(trouble)")
    }
  }

  @Test("a gateway restored from an image that lacks nothing but its incarnations gets through, by a new epoch")
  func lowerIncarnation() throws {
    let folder = try TemporaryFolder()
    let world = try ModelWorld(seed: 1, folder: folder.path)
    for _ in 0..<10 { world.commitEvent() }
    try calm(world)
    world.image = world.disk
    for _ in 0..<5 { world.startGateway() }
    world.commitEvent()
    world.gatewayStep()
    try world.deliverUp()
    world.restoreGateway()
    for _ in 0..<10 { world.commitEvent() }
    try calm(world)
    try check(world)
    #expect(world.counts["renewed"] == 1)
  }

  private func step(_ world: ModelWorld) throws {
    switch world.random.below(1000) {
    case ..<150: world.commitEvent()
    case ..<450: world.gatewayStep()
    case ..<680: try world.deliverUp()
    case ..<910: try world.deliverDown()
    case ..<960: world.now += Double(world.random.below(20))
    case ..<972: world.connect()
    case ..<978: world.startGateway()
    case ..<984: try world.restartPlane()
    case ..<990: try world.copyPlane()
    case ..<993: try world.restorePlane()
    case ..<998: world.image = world.disk
    default: world.restoreGateway()
    }
  }

  /// Good weather until both sides rest.
  private func calm(_ world: ModelWorld) throws {
    world.isCalm = true
    for _ in 0..<20_000 {
      while world.gatewayStep() {}
      if Lane.allCases.allSatisfy({ world.disk.log($0).through == world.disk.last($0) }), world.up.isEmpty, world.down.isEmpty {
        return
      }
      if world.up.isEmpty, world.down.isEmpty { world.now += 5 }
      try world.deliverUp()
      try world.deliverDown()
    }
    Issue.record("gateway and plane never come to rest")
  }

  private func check(_ world: ModelWorld) throws {
    world.desk = nil
    let reader = try PlaneReader(path: world.database)
    let events = try reader.events().map(\.bytes)
    let forks = Set(try reader.database.rows("SELECT bytes FROM fork") { $0[0] as [UInt8] })
    #expect(Set(events).count == events.count, "an event is stored twice")
    let missing = world.disk.everything.filter { !events.contains($0) && !forks.contains($0) }
    #expect(missing.isEmpty, "\(missing.count) of \(world.disk.everything.count) events are nowhere")
    for lane in Lane.allCases {
      let numbers = try reader.database.rows(
        "SELECT hash FROM entry JOIN epoch ON epoch.id = entry.epoch WHERE epoch.epoch = ? AND lane = ? ORDER BY sequence",
        world.disk.epoch, lane.rawValue
      ) { $0[0] as ChainHash }
      #expect(numbers == world.disk.log(lane).items.map(\.hash))
    }
  }
}
