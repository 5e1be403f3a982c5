import Contracts
import SQLite
import TestSupport
import Testing

@testable import Agent
@testable import ControlPlane

/// A broker that keeps what was said in one session and says it again in another.
@Suite struct ReplayedSessionTests {
  @Test("what a plane said in an earlier session opens nothing and acknowledges nothing in the next")
  func atTheGateway() throws {
    let (world, folder) = try world()
    defer { withExtendedLifetime(folder) {} }
    let kept = try session(world)
    #expect(kept.down.map(\.topic).contains(world.topics.ack))
    world.connect()
    world.commitEvent()
    while world.gatewayStep() {}
    world.down = kept.down
    while !world.down.isEmpty { try world.deliverDown() }
    #expect(!world.conversation.isOpen, "a welcome with another hello's nonce is none")
    #expect(world.conversation.nextStep(now: world.now, last: [:]) == nil)
    try settle(world)
    #expect(unsent(world) == 0)
    #expect(world.lies.isEmpty)
  }

  @Test(
    "what a gateway said in an earlier session, played to the plane, delays its acknowledgements by silences, and stores nothing twice"
  )
  func atThePlane() throws {
    let (world, folder) = try world()
    defer { withExtendedLifetime(folder) {} }
    let kept = try session(world)
    world.connect()
    for _ in 0..<3 { world.commitEvent() }
    while world.gatewayStep() {}
    // Hello of the new session, then all of the old one: the plane's answers bear the old nonce from there on.
    world.up += kept.up
    while !world.up.isEmpty { try world.deliverUp() }
    while !world.down.isEmpty { try world.deliverDown() }
    #expect(unsent(world) > 0)
    try settle(world)
    #expect(unsent(world) == 0)
    #expect(world.lies.isEmpty)
    let reader = try PlaneReader(path: world.database)
    let events = try reader.events()
    #expect(events.count == 5 && Set(events.map(\.bytes)).count == 5)
    #expect(try reader.forks().isEmpty)
  }

  // MARK: parts

  private func world() throws -> (ModelWorld, TemporaryFolder) {
    let folder = try TemporaryFolder()
    let world = try ModelWorld(seed: 11, folder: folder.path)
    world.isCalm = true
    return (world, folder)
  }

  /// One session with two events, and everything that was said in it.
  private func session(_ world: ModelWorld) throws -> (up: [ModelWorld.Mail], down: [ModelWorld.Mail]) {
    world.commitEvent()
    world.commitEvent()
    var kept: (up: [ModelWorld.Mail], down: [ModelWorld.Mail]) = ([], [])
    try settle(world) {
      kept.up += world.up
      kept.down += world.down
    }
    #expect(unsent(world) == 0)
    return kept
  }

  /// Everything arrives; seconds go by.
  private func settle(_ world: ModelWorld, _ look: () -> Void = {}) throws {
    for _ in 0..<200 {
      while world.gatewayStep() {}
      look()
      while !world.up.isEmpty { try world.deliverUp() }
      look()
      while !world.down.isEmpty { try world.deliverDown() }
      world.now += 1
    }
  }

  private func unsent(_ world: ModelWorld) -> UInt64 {
    world.disk.lanes.values.reduce(0) { $0 + UInt64($1.items.count) - $1.through }
  }
}
