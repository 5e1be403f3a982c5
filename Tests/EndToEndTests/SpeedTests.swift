import Foundation
import TestSupport
import Testing

/// A shaft's speed that comes beside the vibration, and bursts that come with pauses.
@Suite struct SpeedTests {
  private static let machine = """

    [[machine]]
    name = "pump"
    severity = "iso20816-3/group2/rigid"
    [[machine.point]]
    name = "de"
    bearing = "6205"
    """

  /// Two channels: vibration in zone D, and a tacho of one pulse in 100 samples, 25.6 turns a second.
  private static func message(_ sequence: Int) -> [UInt8] {
    let vibration = Plant.frame(sequence, velocityRMS: 10)
    let pairs = (0..<Plant.samples).flatMap { index -> [UInt8] in
      let pulse: Float = (sequence * Plant.samples + index) % 100 < 30 ? 5 : 0
      return vibration[4 + 4 * index..<8 + 4 * index] + withUnsafeBytes(of: pulse.bitPattern.littleEndian) { Array($0) }
    }
    return vibration.prefix(4) + pairs
  }

  private func explanation(_ gateway: GatewayProcess) throws -> String {
    try gateway.thrum("explain", "pump#1").text.split { $0.isWhitespace }.joined(separator: " ")
  }

  @Test("a tacho in the message is a point of its own, and the vibration is judged with its speed")
  func tacho() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url).replacing("{machine}/{point}/vib", with: "{machine}/vib")
        .replacing("[[source]]", with: "[[source]]\nchannels = [\"de\", { name = \"tacho\", pulses_per_turn = 1 }]")
        + Self.machine)
    try gateway.startConnected()
    let publisher = try TestPublisher(port: broker.port)
    for sequence in 1...40 { try publisher.publish("plant/pump/vib", Self.message(sequence)) }
    let status = try #require(gateway.eventually { $0.received == 80 && $0.point("pump")?.verdict == "alarm" })
    #expect(status.balances && status.points.map(\.point) == ["de", "tacho"])
    #expect(status.points.allSatisfy { $0.ledger.analysed == 40 && $0.sequences == [[1, 40]] })
    let words = try explanation(gateway)
    #expect(words.contains("zone D") && !words.contains("The shaft speed is not known"), "\(words)")
  }

  @Test("a speed that is published as a number of its own is what the machine's points are judged with")
  func published() throws {
    let broker = try Broker()
    let speed = """

      [[source]]
      topic = "plant/{machine}/speed"
      point = "shaft"
      payload = "json"
      quantity = "speed"
      unit = "rpm"
      """
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url) + speed + Self.machine)
    try gateway.startConnected()
    let publisher = try TestPublisher(port: broker.port)
    func publish(_ sequences: ClosedRange<Int>, velocityRMS: Double) throws {
      try publisher.publish(Plant.topic("pump"), sequences.map { Plant.frame($0, velocityRMS: velocityRMS) })
    }
    try publish(1...30, velocityRMS: 10)
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" } != nil)
    #expect(try explanation(gateway).contains("The shaft speed is not known"))
    try publish(31...150, velocityRMS: 1)
    #expect(gateway.eventually { $0.point("pump")?.verdict == "normal" } != nil)
    try publisher.publish("plant/pump/speed", Array("1485".utf8))
    try publish(151...180, velocityRMS: 10)
    let status = try #require(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 181 })
    #expect(status.point("pump", "shaft")?.ledger.analysed == 1 && status.balances)
    #expect(try !explanation(gateway).contains("The shaft speed is not known"))
  }

  @Test("bursts that come with pauses stand alone: each is analysed when it comes, and none waits for the next")
  func bursts() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url, machines: ["pump"])
        .replacing("window_samples = 256", with: "window_samples = 4096\nexpected_interval_s = 300"))
    try gateway.startConnected()
    let publisher = try TestPublisher(port: broker.port)
    for sequence in 1...4 { try publisher.publish(Plant.topic("pump"), Plant.frame(sequence, velocityRMS: 10, samples: 2560)) }
    let status = try #require(gateway.eventually { $0.received == 4 })
    let point = try #require(status.point("pump"))
    #expect(point.ledger.analysed == 4 && point.ledger.pending == 0 && point.ledger.balances)
    #expect(point.isoZone == "D" && point.verdict == "alarm")
  }
}
