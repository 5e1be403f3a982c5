import Glibc
import MQTT
import TestSupport
import Testing

@Suite struct PlaneSessionTests {
  private func plane(_ url: String, _ edit: (inout MQTTSession.Options) -> Void = { _ in }) throws -> MQTTSession {
    var options = MQTTSession.Options(clientID: "plane", kind: .plane)
    edit(&options)
    return MQTTSession(try MQTTEndpoint(url: url), options)
  }

  @Test("publishes arrive and are answered; what comes in needs no acknowledgement")
  func publishes() throws {
    let broker = try Broker()
    let session = try plane(broker.url) { $0.subscriptions = [.init("echo/#")] }
    _ = session.connect()
    for number in 0..<200 {
      while session.inFlight == 20 { _ = session.read(waitSeconds: 1) }
      try session.publish(topic: "echo/a", payload: bytes("\(number)"))
    }
    var taken = Taken()
    eventually {
      taken += session.read(waitSeconds: 0.2)
      return session.inFlight == 0 && taken.messages.last.map(text) == "199"
    }
    #expect(session.inFlight == 0)
    #expect(taken.messages.last.map(text) == "199")
  }

  @Test("nothing is published while disconnected")
  func disconnected() throws {
    let session = try plane("mqtt://127.0.0.1:1")
    #expect(throws: MQTTError.self) { try session.publish(topic: "a", payload: []) }
  }

  @Test("what waits for an answer is bounded")
  func bounded() throws {
    let broker = try ScriptedBroker { client, _ in
      try client.receive(.connect)
      try client.send(Packet(.connack, [0, 0, 0]))
      client.receiveUntilClosed()
    }
    let session = try plane(broker.url) { $0.maxInFlight = 3 }
    _ = session.connect()
    for _ in 0..<3 { try session.publish(topic: "a", payload: bytes("x")) }
    #expect(throws: MQTTError.self) { try session.publish(topic: "a", payload: bytes("x")) }
    #expect(eventually { broker.count(.publish) == 3 })
  }

  @Test("a payload that does not fit the socket goes out piece by piece")
  func partialWrites() throws {
    let broker = try ScriptedBroker { client, _ in
      try client.receive(.connect)
      try client.send(Packet(.connack, [0, 0, 0]))
      usleep(200_000)  // until the socket is full
      try client.receive(.publish)
      client.receiveUntilClosed()
    }
    let session = try plane(broker.url)
    _ = session.connect()
    try session.publish(topic: "a", payload: [UInt8](repeating: 5, count: 12 << 20), qos: 0)
    #expect(session.readAll { _ in broker.count(.publish) == 1 }.notices.isEmpty)
    #expect(broker.received.last?.body.count ?? 0 > 12 << 20)
  }

  @Test("the broker says our will when we vanish, not when we leave")
  func will() throws {
    let broker = try Broker()
    let witness = try plant(broker.url, topics: ["status"])
    _ = witness.connect()
    let left = try plane(broker.url) { $0.will = .init(topic: "status", payload: bytes("vanished"), retain: false) }
    _ = left.connect()
    left.disconnect()
    let vanished = try plane(broker.url) {
      $0.clientID = "plane 2"
      $0.will = .init(topic: "status", payload: bytes("vanished 2"), retain: false)
    }
    _ = vanished.connect()
    vanished.abandon()
    #expect(witness.readAll { !$0.messages.isEmpty }.messages.map(text) == ["vanished 2"])
  }
}
