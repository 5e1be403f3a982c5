import Agent
import Contracts
import Foundation
import MQTT
import SQLite
import Store
import TestSupport
import Testing

@testable import ControlPlane

/// A gateway's store, its uplink, a real broker, a plane: what is committed arrives once, whatever happens on the way.
@Suite struct DeliveryTests {
  @Test("what waited while there was no plane, and what comes later, arrives once and in order")
  func inOrder() throws {
    let site = try Site()
    try site.commitEvents(300)
    try site.startUplink()
    #expect(eventually { site.uplinkCondition.reason == "no plane is online" })
    try site.startPlane()
    try site.commitEvents(30)
    #expect(try eventually { try site.isDelivered() })
    #expect(eventually { site.uplinkCondition.isConnected })
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
    let ours = try site.store.reader.events(newest: .max).reversed()
    let theirs = try PlaneReader(path: site.database).events()
    for lane in Lane.allCases {
      #expect(theirs.filter { $0.lane == lane }.map(\.bytes) == ours.filter { $0.lane == lane }.map(\.bytes))
    }
    let row = try #require(try PlaneReader(path: site.database).fleet().first)
    #expect((row.state, row.events, row.forks) == ("online", 330, 0))
    #expect(row.lanes == ["alarm": 110, "event": 220, "trend": 0, "evidence": 0, "sample": 0])
  }

  @Test("over TLS, with a password each and no more rights than the protocol names")
  func guarded() throws {
    let folder = try TemporaryFolder()
    let site = try Site(guarded: GuardedBroker(folder))
    try site.commitEvents(300)
    try site.startUplink()
    try site.startPlane()
    #expect(try eventually { try site.isDelivered() })
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
    #expect(try PlaneReader(path: site.database).fleet().first?.state == "online")
  }

  @Test("plane and broker are stopped and started while events are made")
  func restarts() throws {
    let site = try Site()
    try site.startUplink()
    for _ in 0..<3 {
      try site.startPlane()
      try site.commitEvents(40)
      #expect(try eventually(within: 30) { try site.isDelivered() })
      site.stopPlane()
      try site.commitEvents(40)
      try site.broker.restart()
      try site.commitEvents(40)
    }
    try site.startPlane()
    #expect(try eventually(within: 30) { try site.isDelivered() })
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
  }

  @Test("a plane restored from an old copy gets again what it lost")
  func oldPlane() throws {
    let site = try Site()
    try site.startUplink()
    try site.startPlane()
    try site.commitEvents(50)
    #expect(try eventually { try site.isDelivered() })
    site.stopPlane()
    try FileManager.default.copyItem(atPath: site.database, toPath: site.folder.path("copy"))
    try site.startPlane()
    try site.commitEvents(50)
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
    site.stopPlane()
    try FileManager.default.removeItem(atPath: site.database)
    try FileManager.default.moveItem(atPath: site.folder.path("copy"), toPath: site.database)
    try site.startPlane()
    #expect(try eventually { try site.isDelivered() })
    #expect(try PlaneReader(path: site.database).events().count == 100)
  }

  @Test("what a full gateway had to give up while the plane was away is known there by its numbers; nothing else is missing")
  func gaps() throws {
    let site = try Site(maxBytes: 4 << 20)
    for _ in 0..<30 { try site.commitEvents(400) }
    try site.startPlane()
    try site.startUplink()
    #expect(try eventually(within: 60) { try site.store.reader.numbering()?.unsentEvents == 0 })
    #expect(try site.isDelivered())
    let reader = try PlaneReader(path: site.database)
    let (events, gaps) = (try reader.events(), try reader.gaps())
    #expect(!gaps.isEmpty)
    #expect(events.count + gaps.reduce(0) { $0 + $1.count } == 12_000)
    #expect(Set(gaps.map(\.reason)) == ["evicted"])
    #expect(try reader.database.first("SELECT count(*) FROM fork") { $0[0] as Int } == 0)
  }

  @Test("a gateway restored from an image starts a new epoch; what was its own before stays, what contradicts it is shown")
  func oldGateway() throws {
    let site = try Site()
    try site.startPlane()
    try site.startUplink()
    try site.commitEvents(20)
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
    let epoch = try site.store.reader.numbering()?.epoch
    try site.takeImage()
    try site.startUplink()
    try site.commitEvents(20)
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
    try site.restoreImage()
    try site.commitEvents(30)
    try site.startUplink()
    #expect(try eventually(within: 20) { try site.store.reader.numbering()?.unsentEvents == 0 })
    #expect(try site.store.reader.numbering()?.parent == epoch)
    let reader = try PlaneReader(path: site.database)
    let forks = try reader.database.rows("SELECT bytes FROM fork") { $0[0] as [UInt8] }
    let everything = Set(try reader.events().map(\.bytes) + forks)
    #expect(everything.count == 70)
    #expect(everything.isSuperset(of: try site.store.reader.events(newest: .max).map(\.bytes)))
    #expect(try reader.fleet().first?.forks == forks.count)
  }

  @Test("when the day's budget runs short events wait and alarms go")
  func budget() throws {
    let site = try Site()
    try site.startPlane()
    try site.commitEvents(30)
    try site.startUplink(budgetBytesPerDay: 1)
    func through(_ lane: Lane) throws -> UInt64? { try site.store.reader.numbering()?.lanes.first { $0.lane == lane }?.through }
    #expect(try eventually { try through(.alarm) == 10 })
    #expect(eventually { site.uplinkCondition.reason?.contains("budget") == true })
    #expect(try through(.event) == 0)
  }

  @Test("a line of single bytes that breaks in the middle of batches loses and doubles nothing")
  func poorLine() throws {
    let site = try Site()
    try site.startPlane()
    try site.commitEvents(300)
    // In the hello, in the first batches, between two of them.
    let line = try PoorLine(to: site.broker.port, lengths: [350, 1000, 2500, 4001])
    defer { line.close() }
    try site.startUplink(url: line.url)
    #expect(try eventually(within: 60) { try site.isDelivered() })
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
    #expect(line.remaining == 0)
    #expect(try PlaneReader(path: site.database).fleet().first?.forks == 0)
  }

  @Test("whatever a false plane says, nothing counts as delivered that no plane has, and the true one gets everything")
  func falsePlane() throws {
    let site = try Site()
    try site.commitEvents(30)
    let topics = try Site.topics.orThrow()
    let liar = try MQTTSession(
      MQTTEndpoint(url: site.broker.url), .init(clientID: "liar", kind: .plane, subscriptions: [.init(topics.hello)]))
    #expect(eventually { liar.read(waitSeconds: 0.1).notices.contains(.connected(sessionPresent: false)) })
    try liar.publish(
      topic: PlaneTopics.planeStatus, payload: PlaneStatus(state: .online, planeIncarnation: 1).encoded, qos: 1, retain: true)
    try site.startUplink()
    var greeted = false
    #expect(
      eventually {
        greeted = greeted || !liar.read(waitSeconds: 0.1).messages.isEmpty
        return greeted
      })
    let epoch = try #require(try site.store.reader.numbering()?.epoch)
    let lies: [(String, [UInt8])] = [
      (topics.welcome, []), (topics.welcome, [0xFF, 0x00]), (topics.ack, Array("{}".utf8)), (topics.nack, Array("[".utf8)),
      (topics.ack, [UInt8](repeating: 0x5B, count: 60_000)), ("thrum/v1/demo/gw-1/down/other", [1]),
      (
        topics.ack,
        Ack(epoch: epoch, lane: .alarm, nonce: .random(), planeIncarnation: 1, through: 10, hash: ChainHash(epoch)).encoded
      ),
      (
        topics.welcome,
        Welcome(
          epoch: epoch, nonce: .random(), planeIncarnation: 1, window: 1,
          lanes: [.alarm: .init(through: 10, hash: ChainHash(epoch))]
        )
        .encoded
      ),
    ]
    for (topic, payload) in lies { try liar.publish(topic: topic, payload: payload, qos: 1) }
    #expect(
      eventually {
        _ = liar.read(waitSeconds: 0.1)
        return liar.inFlight == 0
      })
    #expect(try site.store.reader.numbering()?.unsentEvents == 30)
    liar.disconnect()
    try site.startPlane()
    #expect(try eventually { try site.isDelivered() })
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
    #expect(try site.store.reader.numbering()?.epoch == epoch)
  }

  @Test("the gateway says that it leaves")
  func status() throws {
    let site = try Site()
    try site.startPlane()
    try site.startUplink()
    func state() throws -> String? { try? PlaneReader(path: site.database).fleet().first?.state }
    #expect(try eventually { try state() == "online" })
    site.stopUplink()
    #expect(try eventually { try state() == "offline" })
  }
}
