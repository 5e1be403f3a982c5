import Glibc
import MQTT
import TestSupport
import Testing

/// Brokers that are away, refuse, freeze, or speak an older version.
@Suite struct ConnectionTests {
  @Test("a broker that is not there: reads return in time, the state says why, and it is found when it comes")
  func absent() throws {
    let broker = try Broker()
    broker.stop()
    let session = try plant(broker.url)
    let took = ContinuousClock().measure { _ = session.read(waitSeconds: 0.5) }
    #expect(took < .seconds(20))
    #expect(!session.connection.isConnected)
    #expect(session.connection.reason?.contains("connection refused") == true, "\(session.connection)")
    try broker.restart()
    #expect(session.readAll(within: 40) { !$0.notices.isEmpty }.notices == [.connected(sessionPresent: false)])
    #expect(session.connection.reason == nil)
  }

  @Test("a network that swallows our packets does not hold a read, nor a stop")
  func blackHole() throws {
    let listener = try Socket(listeningOn: 0, backlog: 0)
    let first = try Socket(connectingTo: listener.port)
    let session = try plant("mqtt://127.0.0.1:\(listener.port)")
    let took = ContinuousClock().measure {
      _ = session.read(waitSeconds: 0.5)
      session.disconnect()
    }
    #expect(took < .seconds(30))
    #expect(!session.connection.isConnected)
    withExtendedLifetime(first) {}
  }

  @Test("a host without an address is named")
  func unknownHost() throws {
    let session = try plant("mqtt://nowhere.invalid")
    #expect(
      eventually(within: 30) {
        _ = session.read(waitSeconds: 0.2)
        return session.connection.reason?.contains("look up nowhere.invalid") == true
      }, "\(session.connection)")
  }

  @Test("a broker without MQTT 5 is spoken to in 3.1.1, at once the next time", arguments: [true, false])
  func fallback(answers: Bool) throws {
    let broker = try ScriptedBroker { client, _ in
      let connect = try client.receive(.connect)
      if connect.body[6] == 5 {
        if answers { try client.send(Packet(.connack, [0, 1])) }
        return
      }
      try client.send(Packet(.connack, [0, 0]))
      try client.receive(.subscribe)
    }
    let session = try plant(broker.url)
    #expect(
      eventually {
        _ = session.readAll { !$0.notices.isEmpty }; return broker.count(.subscribe) >= 2
      })
    let versions = broker.received.filter { $0.kind == .connect }.map { $0.body[6] }
    #expect(versions.first == 5)
    #expect(versions.dropFirst().allSatisfy { $0 == 4 })
  }

  @Test("a broker that has spoken MQTT 5 is not taken for an old one when it hangs up")
  func noFalseFallback() throws {
    let broker = try ScriptedBroker { client, number in
      try client.receive(.connect)
      if number == 0 { try client.send(Packet(.connack, [0, 0, 0])) }
      if number == 2 { try client.send(Packet(.connack, [0, 0, 0])); client.receiveUntilClosed() }
    }
    let session = try plant(broker.url)
    _ = session.readAll { $0.notices.count >= 3 }
    #expect(broker.received.filter { $0.kind == .connect }.map { $0.body[6] } == [5, 5, 5])
  }

  @Test("a refused subscription is told and stays in the state", arguments: [0x80, 0x87])
  func refusedSubscription(code: UInt8) throws {
    let broker = try ScriptedBroker { client, _ in
      try client.receive(.connect)
      try client.send(Packet(.connack, [0, 0]))
      let subscribe = try client.receive(.subscribe)
      try client.send(Packet(.suback, Array(subscribe.body.prefix(2)) + [code]))
      client.receiveUntilClosed()
    }
    let session = try plant(broker.url, topics: ["secret/#"], version: .v311)
    let taken = session.readAll { $0.notices.count >= 2 }
    #expect(taken.notices.last == .subscriptionRefused(topic: "secret/#", code: Int(code)))
    #expect(session.connection.isConnected)
    #expect(session.connection.refusedSubscriptions == ["secret/#"])
    #expect(session.connection.reason?.contains("secret/#") == true)
  }

  @Test("a topic that is no filter is refused by ourselves, the others are subscribed to")
  func invalidFilter() throws {
    let broker = try Broker()
    let session = try plant(broker.url, topics: ["a#", "t/#"])
    _ = session.readAll { $0.notices.count >= 2 }
    #expect(session.connection.refusedSubscriptions == ["a#"])
    _ = session.readAll(within: 0.3) { _ in false }
    try TestPublisher(port: broker.port).publish("t/a", bytes("x"))
    #expect(session.readAll { !$0.messages.isEmpty }.messages.count == 1)
  }

  @Test("a broker refuses a wrong password: the reason says so", arguments: [VersionPreference.v5, .v311])
  func wrongPassword(version: VersionPreference) throws {
    let folder = try TemporaryFolder()
    try run(["mosquitto_passwd", "-b", "-c", folder.path("passwords"), "anna", "right"])
    let broker = try Broker(["allow_anonymous false", "password_file \(folder.path("passwords"))"])
    func session(_ password: String) throws -> MQTTSession {
      let endpoint = try MQTTEndpoint(url: broker.url, username: "anna", password: password, protocolVersion: version)
      return MQTTSession(endpoint, .init(clientID: "plant", kind: .plant, subscriptions: [.init("t/#")]))
    }
    let wrong = try session("wrong")
    #expect(
      eventually {
        _ = wrong.read(waitSeconds: 0.2)
        return wrong.connection.reason?.lowercased().contains("not authori") == true
      }, "\(wrong.connection)")
    #expect(try session("right").connect().notices == [.connected(sessionPresent: false)])
  }

  @Test("an idle link is kept by pings")
  func idle() throws {
    let broker = try ScriptedBroker { client, _ in
      try client.welcome()
      client.receiveUntilClosed()
    }
    let session = try plant(broker.url, version: .v311, keepaliveSeconds: 5)
    let taken = session.readAll(within: 30) { _ in broker.count(.pingreq) >= 2 }
    #expect(broker.count(.pingreq) >= 2)
    #expect(taken.notices == [.connected(sessionPresent: false)])
  }

  @Test("a frozen broker is noticed, and found again when it thaws")
  func frozen() throws {
    let broker = try Broker()
    let session = try plant(broker.url, keepaliveSeconds: 5)
    _ = session.connect()
    broker.freeze()
    let lost = session.readAll(within: 40) { !$0.notices.isEmpty }
    guard case .disconnected(let reason) = lost.notices.first else { Issue.record("\(lost.notices)"); return }
    #expect(reason.contains("silent"))
    broker.thaw()
    #expect(session.readAll(within: 60) { !$0.notices.isEmpty }.notices == [.connected(sessionPresent: true)])
  }
}
