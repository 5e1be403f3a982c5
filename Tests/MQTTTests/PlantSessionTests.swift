import Glibc
import MQTT
import TestSupport
import Testing

@Suite struct PlantSessionTests {
  @Test("what is published arrives in order, once", arguments: [VersionPreference.v5, .v311])
  func arrives(version: VersionPreference) throws {
    let broker = try Broker()
    let session = try plant(broker.url, version: version)
    #expect(session.connect().notices == [.connected(sessionPresent: false)])
    let sent = (0..<500).map { "\($0)" }
    try TestPublisher(port: broker.port).publish("t/a", sent.map(bytes))
    let taken = session.readAll { $0.messages.count >= sent.count }
    #expect(taken.messages.map(text) == sent)
    #expect(session.connection.protocolVersion == (version == .v5 ? .v5 : .v311))
  }

  @Test("what comes while we are away waits in the session")
  func sessionPresent() throws {
    let broker = try Broker()
    let session = try plant(broker.url)
    #expect(session.connect().notices == [.connected(sessionPresent: false)])
    _ = session.readAll(within: 0.3) { _ in false }
    session.disconnect()
    try TestPublisher(port: broker.port).publish("t/a", bytes("while away"))
    let taken = session.readAll { !$0.messages.isEmpty }
    #expect(taken.notices == [.connected(sessionPresent: true)])
    #expect(taken.messages.map(text) == ["while away"])
  }

  @Test("a broker that comes back without our session: the loss is told")
  func sessionLost() throws {
    let broker = try Broker()
    let session = try plant(broker.url)
    _ = session.connect()
    try broker.restart()
    let taken = session.readAll { $0.notices.count >= 2 }
    #expect(taken.notices.count == 2)
    guard case .disconnected = taken.notices.first else { Issue.record("\(taken.notices)"); return }
    #expect(taken.notices.last == .connected(sessionPresent: false))
  }

  @Test("a persistent broker keeps the session across its restart")
  func brokerPersists() throws {
    let broker = try Broker(isPersistent: true)
    let session = try plant(broker.url)
    _ = session.connect()
    _ = session.readAll(within: 0.3) { _ in false }
    try broker.restart()
    #expect(session.readAll { $0.notices.count >= 2 }.notices.last == .connected(sessionPresent: true))
  }

  @Test("a payload above the limit is counted, not kept; an empty one is no payload; what follows arrives")
  func sizes() throws {
    let broker = try Broker()
    let session = try plant(broker.url)
    _ = session.connect()
    let payloads = [[UInt8](repeating: 7, count: 2 << 20), [], bytes("fine")]
    try TestPublisher(port: broker.port).publish("t/a", payloads)
    let messages = session.readAll { $0.messages.count >= 3 }.messages
    #expect(messages.map(\.isOversize) == [true, false, false])
    #expect(messages.map(\.payloadBytes) == [2 << 20, 0, 4])
    #expect(messages.map(\.payload) == [[], [], bytes("fine")])
  }

  @Test("an incoming QoS 2 message closes the connection before anything is answered")
  func qualityTwo() throws {
    let broker = try ScriptedBroker { client, _ in
      try client.welcome()
      try client.send(.publish("t/a", bytes("x"), id: 1, qos: 2))
      client.receiveUntilClosed()
    }
    let session = try plant(broker.url, version: .v311)
    let taken = session.readAll { $0.notices.count >= 2 }
    #expect(eventually { broker.closed >= 1 })
    #expect(broker.count(.pubrec) == 0)
    #expect(taken.messages.isEmpty)
    guard case .disconnected(let reason) = taken.notices.last else { Issue.record("\(taken.notices)"); return }
    #expect(reason.contains("QoS 2"))
  }

  @Test("retained messages do not come again on a subscription that exists (MQTT 5)")
  func retained() throws {
    let broker = try Broker()
    try TestPublisher(port: broker.port).publish("t/kept", bytes("kept"), retain: true)
    let session = try plant(broker.url, version: .v5)
    #expect(session.readAll { !$0.messages.isEmpty }.messages.map(\.isRetained) == [true])
    session.disconnect()
    try TestPublisher(port: broker.port).publish("t/new", bytes("new"))
    let taken = session.readAll { $0.messages.contains { $0.topic == "t/new" } }
    _ = session.readAll(within: 0.3) { _ in false }
    #expect(taken.messages.map(\.topic) == ["t/new"])
  }

  @Test("a full batch is handed over at once, the rest in the next", arguments: [(VersionPreference.v5, 50), (.v311, 16)])
  func full(version: VersionPreference, frames: Int) throws {
    let broker = try Broker()
    let session = try plant(broker.url, version: version) {
      $0.batchFrames = 50
      $0.lingerSeconds = 100
    }
    _ = session.connect()
    try TestPublisher(port: broker.port).publish("t/a", [bytes("first")])
    _ = session.readAll { !$0.messages.isEmpty }
    try TestPublisher(port: broker.port).publish("t/a", (0..<100).map { bytes("\($0)") })
    let batch = session.read(waitSeconds: 10)
    #expect(batch.messages.count == frames)
  }

  @Test("a batch ends when its payloads reach the byte limit")
  func bytesReached() throws {
    let broker = try Broker()
    let session = try plant(broker.url) {
      $0.batchBytes = 100_000
      $0.lingerSeconds = 100
    }
    _ = session.connect()
    let block = [UInt8](repeating: 1, count: 30_000)
    try TestPublisher(port: broker.port).publish("t/a", [block])
    _ = session.readAll { !$0.messages.isEmpty }
    try TestPublisher(port: broker.port).publish("t/a", Array(repeating: block, count: 10))
    #expect(session.read(waitSeconds: 10).messages.count == 4)
  }

  @Test("wake() from another thread makes a read return")
  func wakes() throws {
    let broker = try Broker()
    let session = try plant(broker.url)
    _ = session.connect()
    spawnThread {
      usleep(50_000)
      session.wake()
    }
    let took = ContinuousClock().measure { _ = session.read(waitSeconds: 60) }
    #expect(took < .seconds(30))
  }
}
