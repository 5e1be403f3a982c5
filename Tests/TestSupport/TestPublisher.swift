/// A plain MQTT 3.1.1 client that publishes; blocking, and none of the code under test.
package final class TestPublisher {
  private let socket: Socket
  private var lastID = 0

  package init(port: UInt16, clientID: String = "test-publisher") throws {
    socket = try Socket(connectingTo: port)
    try socket.send(Packet.connect(clientID: clientID).bytes)
    guard let answer = Packet(from: socket), answer.kind == .connack, answer.body.last == 0 else {
      throw TestSupportError("the broker refused the test publisher")
    }
  }

  deinit { try? socket.send(Packet(.disconnect).bytes) }

  /// Publishes in order, at most twenty unanswered; returns when the broker has answered the last one (QoS 1).
  package func publish(_ topic: String, _ payloads: [[UInt8]], qos: Int = 1, retain: Bool = false) throws {
    var unanswered = 0
    for payload in payloads {
      lastID = lastID % 60_000 + 1
      try socket.send(Packet.publish(topic, payload, id: lastID, qos: qos, retain: retain).bytes)
      unanswered += qos
      if unanswered == 20 { try awaitAnswer(&unanswered) }
    }
    while unanswered > 0 { try awaitAnswer(&unanswered) }
  }

  package func publish(_ topic: String, _ payload: [UInt8], qos: Int = 1, retain: Bool = false) throws {
    try publish(topic, [payload], qos: qos, retain: retain)
  }

  private func awaitAnswer(_ unanswered: inout Int) throws {
    guard let answer = Packet(from: socket), answer.kind == .puback else {
      throw TestSupportError("the broker did not answer the test publisher")
    }
    unanswered -= 1
  }
}
