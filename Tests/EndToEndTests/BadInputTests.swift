import TestSupport
import Testing

/// What sensors send that cannot be used: quarantined with its reason, counted, acknowledged, and the next frame is fine.
@Suite struct BadInputTests {
  let broker: Broker
  let gateway: GatewayProcess
  let publisher: TestPublisher

  init() throws {
    broker = try Broker()
    gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    publisher = try TestPublisher(port: broker.port)
  }

  private func publish(_ frame: [UInt8], to machine: String = "pump") throws {
    try publisher.publish(Plant.topic(machine), frame)
  }

  /// The point's ledger once so many frames have come.
  private func ledger(after received: Int, of machine: String = "pump") throws -> Status.Ledger {
    let status = gateway.eventually { $0.point(machine)?.ledger.received == received }
    return try #require(status?.point(machine)?.ledger, "\(gateway.log)")
  }

  @Test("a payload that is no frame is quarantined with its reason, and the next frame is fine")
  func payloads() throws {
    try gateway.startConnected()
    let bad: [(reason: String, payload: [UInt8])] = [
      ("empty_payload", []),
      ("too_large", [UInt8](repeating: 0, count: 2_000_000)),
      ("wrong_length", Array(Plant.frame(1).dropLast())),
      ("wrong_length", [1, 0]),
      ("not_finite", Plant.block(1, (0..<256).map { $0 == 100 ? .nan : Float($0) })),
    ]
    for (_, payload) in bad { try publish(payload) }
    try publish(Plant.frame(2))
    let ledger = try ledger(after: bad.count + 1)
    #expect(ledger.quarantinedBy == Dictionary(bad.map { ($0.reason, 1) }, uniquingKeysWith: +))
    #expect(ledger.analysed == 1)
    #expect(ledger.balances)
  }

  @Test("what a source lost, sent again and sent late is told by its own numbers")
  func sequences() throws {
    try gateway.startConnected()
    for sequence in [1, 2, 5, 6, 6, 4, 7, 5] { try publish(Plant.frame(sequence)) }
    let ledger = try ledger(after: 8)
    #expect(ledger.missing == 1)
    #expect(ledger.duplicate == 2)
    #expect(ledger.quarantinedBy == ["late": 1])
    #expect(ledger.analysed == 5)
    #expect(ledger.balances)
    #expect(gateway.status()?.point("pump")?.sequences == [[1, 2], [4, 7]])
  }

  @Test("frames that wait in a half-filled window are pending, and dropped by a gap or a restart")
  func pending() throws {
    try gateway.startConnected()
    func publishHalf(_ sequence: Int) throws { try publish(Plant.frame(sequence, samples: 128)) }
    try publishHalf(1)
    #expect(try ledger(after: 1).pending == 1)
    try publishHalf(3)
    #expect(try ledger(after: 2).droppedBy == ["gap": 1])
    gateway.kill()
    try gateway.start()
    try publishHalf(4)
    let ledger = try ledger(after: 3)
    #expect(ledger.droppedBy == ["gap": 1, "restart": 1])
    #expect(ledger.pending == 1 && ledger.missing == 1)
    #expect(ledger.balances)
  }

  @Test("a topic of a former configuration belongs to no source and is counted as unassigned")
  func noSource() throws {
    try gateway.configure(Plant.configuration(broker: broker.url).replacing("plant/", with: "old/"))
    try gateway.startConnected()
    #expect(gateway.stop() == 0)
    try publisher.publish("old/pump/de/vib", Plant.frame(1))
    try gateway.configure(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    try publish(Plant.frame(1))
    #expect(try ledger(after: 1).analysed == 1)
    #expect(gateway.eventually { $0.unassigned.quarantinedBy == ["no_source": 1] }?.balances == true)
    #expect(try gateway.thrum("status").text.contains("1 messages belong to no point: 1 no_source"))
  }

  @Test("names that cannot be used make no point")
  func names() throws {
    try gateway.startConnected()
    try publish(Plant.frame(1), to: "")
    try publish(Plant.frame(1), to: String(repeating: "x", count: 64))
    try publish(Plant.frame(1))
    #expect(try ledger(after: 1).balances)
    let status = try #require(gateway.eventually { $0.unassigned.received == 2 })
    #expect(status.unassigned.quarantinedBy == ["invalid_name": 2])
    #expect(status.points.count == 1)
  }

  @Test("points beyond max_points are counted as unassigned; those there are go on")
  func tooManyPoints() throws {
    try gateway.configure(Plant.configuration(broker: broker.url, ["[ingest]\nmax_points = 2"]))
    try gateway.startConnected()
    for sequence in 1...3 {
      for machine in ["a", "b", "c", "d"] { try publish(Plant.frame(sequence), to: machine) }
    }
    let status = try #require(gateway.eventually { $0.received + $0.unassigned.received == 12 })
    #expect(status.points.map(\.machine) == ["a", "b"])
    #expect(status.points.allSatisfy { $0.ledger.analysed == 3 })
    #expect(status.unassigned.quarantinedBy == ["too_many_points": 6])
    #expect(status.balances)
  }
}
