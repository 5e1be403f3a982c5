import Anomaly
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

/// Nothing is lost: thrumd gets SIGKILL while numbered frames flow, and the plane is away meanwhile.
@Suite struct KillTests {
  static let machines = ["pump", "fan", "press"]

  @Test("after every SIGKILL the published and the committed frames are equal sets, and the plane gets every event once")
  func killed() throws {
    let broker = try Broker(["max_queued_messages 0"])
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url, machines: Self.machines) + "\n[plane]\nurl = \"\(broker.url)\"\n")
    let frames = isThorough ? 10_000 : 1500
    try gateway.startConnected()
    let publishing = Publishing(frames, to: broker.port)
    try kill(gateway, times: isThorough ? 12 : 4, of: frames * Self.machines.count)
    #expect(eventually(within: 60) { publishing.isDone })

    let status = try #require(gateway.eventually(within: 60) { $0.received - $0.duplicate == frames * Self.machines.count })
    for machine in Self.machines {
      let point = try #require(status.point(machine))
      #expect(point.sequences == [[1, UInt64(frames)]])
      #expect(point.ledger.balances)
      #expect(point.ledger.received - point.ledger.duplicate == frames)
      #expect(point.ledger.quarantined == 0 && point.ledger.missing == 0)
    }
    #expect(status.unassigned.received == 0)
    try expectDelivery(from: gateway, over: broker)
  }

  /// Kills and starts again, each time when the store holds a random share more of what is published.
  private func kill(_ gateway: GatewayProcess, times: Int, of frames: Int) throws {
    let reader = try StoreReader(folder: gateway.stateFolder)
    for round in 1...times {
      let share = Int.random(in: 0..<frames / times) + (round - 1) * frames / times
      #expect(
        try eventually(within: 60) {
          try reader.points().reduce(0) { $0 + $1.ledger.received - $1.ledger.duplicate } >= share
        })
      usleep(.random(in: 0..<20_000))
      gateway.kill()
      #expect(gateway.status()?.state == "stopped")
      #expect(gateway.status()?.balances == true)
      try gateway.start()
    }
  }

  /// The plane, which was away, holds every event exactly once, byte for byte.
  private func expectDelivery(from gateway: GatewayProcess, over broker: Broker) throws {
    let database = gateway.folder.path("plane.db")
    let plane = try ChildProcess(
      [GatewayProcess.program("thrum-plane"), "serve", "--broker", broker.url, "--db", database],
      output: gateway.folder.path("plane.log"))
    #expect(gateway.eventually(within: 60) { $0.store.unsentEvents == 0 && $0.uplink.connected } != nil)
    plane.terminate()
    let written = try gateway.thrum("events", "--json").lines
    let stored = try gateway.run("thrum-plane", ["events", "--db", database, "--json"]).lines
    #expect(written.count >= 2 * Self.machines.count, "each machine raised an alarm and cleared it")
    #expect(stored.count == written.count)
    #expect(Set(stored) == Set(written))
    #expect(Set(stored).count == stored.count)
  }
}

/// Publishes numbered frames to every machine on a thread of its own; the middle third of each machine's is damage.
private final class Publishing: Sendable {
  private let done = Atomic<Bool>(false)
  var isDone: Bool { done.load(ordering: .acquiring) }

  init(_ frames: Int, to port: UInt16) {
    spawnThread { [self] in
      guard let publisher = try? TestPublisher(port: port) else { return }
      for sequence in 1...frames {
        let velocity = (frames / 3..<2 * frames / 3).contains(sequence) ? 10.0 : 1
        for machine in KillTests.machines {
          try? publisher.publish(Plant.topic(machine), Plant.frame(sequence, velocityRMS: velocity))
        }
      }
      done.store(true, ordering: .releasing)
    }
  }
}
