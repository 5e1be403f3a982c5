import Glibc
import MQTT
import TestSupport
import Testing

/// The heart of it: nothing that is not committed is acknowledged.
@Suite struct AcknowledgeTests {
  /// Sends `count` messages, then records what comes.
  private func sender(of count: Int) throws -> ScriptedBroker {
    try ScriptedBroker { client, _ in
      try client.welcome()
      try client.send((1...count).map { .publish("t/a", bytes("\($0)"), id: $0) })
      client.receiveUntilClosed()
    }
  }

  private func read(_ count: Int, from session: MQTTSession) -> Batch {
    var batch = Batch()
    eventually {
      batch = session.read(waitSeconds: 1)
      return !batch.messages.isEmpty
    }
    #expect(batch.messages.count == count)
    return batch
  }

  @Test("no PUBACK leaves before the acknowledgement, all after it")
  func acknowledged() throws {
    let broker = try sender(of: 10)
    let session = try plant(broker.url, version: .v311)
    let batch = read(10, from: session)
    usleep(300_000)
    #expect(broker.count(.puback) == 0)
    session.acknowledge(batch)
    #expect(eventually { broker.count(.puback) == 10 })
    #expect(broker.received.filter { $0.kind == .puback }.map { $0.number(at: 0) } == Array(1...10))
  }

  @Test("an abandoned connection closes without a PUBACK")
  func abandoned() throws {
    let broker = try sender(of: 10)
    let session = try plant(broker.url, version: .v311)
    let batch = read(10, from: session)
    session.abandon()
    session.acknowledge(batch)
    #expect(eventually { broker.closed == 1 })
    #expect(broker.count(.puback) == 0)
  }

  @Test("a session let go of closes without a PUBACK")
  func released() throws {
    let broker = try sender(of: 10)
    var session: MQTTSession? = try plant(broker.url, version: .v311)
    if let session { _ = read(10, from: session) }
    session = nil
    #expect(eventually { broker.closed == 1 })
    #expect(broker.count(.puback) == 0)
  }

  @Test(
    "what was abandoned comes again, marked as redelivered; an acknowledgement of the old connection does nothing",
    arguments: [false, true])
  func redelivered(encrypted: Bool) throws {
    let certificates = try TestCertificates()
    let broker = try Broker(encrypted ? certificates.brokerLines : [])
    let endpoint =
      try encrypted
      ? MQTTEndpoint(url: "mqtts://127.0.0.1:\(broker.port)", caFile: certificates.authority) : MQTTEndpoint(url: broker.url)
    let session = MQTTSession(endpoint, .init(clientID: "plant", kind: .plant, subscriptions: [.init("t/#")]))
    #expect(session.connect().notices == [.connected(sessionPresent: false)])
    let plane = MQTTSession(endpoint, .init(clientID: "publisher", kind: .plane))
    _ = plane.connect()
    for number in 0..<10 { try plane.publish(topic: "t/a", payload: bytes("\(number)")) }
    #expect(
      eventually {
        _ = plane.read(waitSeconds: 0.1); return plane.inFlight == 0
      })

    let first = session.read(waitSeconds: 5)
    #expect(!first.messages.isEmpty)
    session.abandon()
    session.acknowledge(first)
    let again = session.readAll { $0.messages.count >= 10 }
    #expect(again.messages.map(text) == (0..<10).map { "\($0)" })
    #expect(again.messages.prefix(first.messages.count).allSatisfy { $0.isRedelivered })
    #expect(first.messages.allSatisfy { !$0.isRedelivered })
    #expect(again.notices.last == .connected(sessionPresent: true))
  }

  @Test("only the last batch can be acknowledged")
  func lastBatch() throws {
    let broker = try ScriptedBroker { client, _ in
      try client.welcome()
      try client.send(.publish("t/a", bytes("1"), id: 1))
      try client.receive(.puback)
      try client.send(.publish("t/a", bytes("2"), id: 2))
      client.receiveUntilClosed()
    }
    let session = try plant(broker.url, version: .v311)
    let first = read(1, from: session)
    session.acknowledge(first)
    let second = read(1, from: session)
    session.acknowledge(first)
    usleep(200_000)
    #expect(broker.count(.puback) == 1)
    session.acknowledge(second)
    #expect(eventually { broker.count(.puback) == 2 })
  }

  @Test("a write with frames not committed traps")
  func traps() async {
    await #expect(processExitsWith: .failure) {
      let broker = try ScriptedBroker { client, _ in
        try client.welcome()
        try client.send(.publish("t/a", bytes("1"), id: 1))
        client.receiveUntilClosed()
      }
      let session = try plant(broker.url, version: .v311)
      while session.read(waitSeconds: 1).messages.isEmpty {}
      session.disconnect()
    }
  }

  @Test("past half the keepalive the owner is told to abandon")
  func impatience() throws {
    let broker = try sender(of: 1)
    let session = try plant(broker.url, version: .v311, keepaliveSeconds: 5)
    _ = read(1, from: session)
    #expect(!session.mustAbandon)
    #expect(eventually { session.mustAbandon })
    session.abandon()
    #expect(!session.mustAbandon)
  }
}
