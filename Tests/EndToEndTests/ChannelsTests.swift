import Anomaly
import Foundation
import Store
import TestSupport
import Testing

/// One message with several channels: a frame of each channel's point, and one acknowledgement for all of them.
@Suite struct ChannelsTests {
  let broker: Broker
  let gateway: GatewayProcess
  let publisher: TestPublisher

  init() throws {
    broker = try Broker()
    let configuration = Plant.configuration(broker: broker.url)
      .replacing("{machine}/{point}/vib", with: "{machine}/vib")
      .replacing("[[source]]", with: "[[source]]\nchannels = [\"de\", \"-\", \"nde\"]")
    gateway = try GatewayProcess(configuration)
    publisher = try TestPublisher(port: broker.port)
  }

  /// Three channels of 256 samples each.
  private static func message(_ sequence: Int) -> [UInt8] {
    let channels = (0..<3).map { Array(Plant.frame(3 * sequence + $0).dropFirst(4)) }
    let samples = (0..<Plant.samples).flatMap { index in channels.flatMap { $0[4 * index..<4 * index + 4] } }
    return withUnsafeBytes(of: UInt32(sequence).littleEndian) { Array($0) } + samples
  }

  @Test("two channels are two points, and a message that is none is quarantined for both")
  func points() throws {
    try gateway.startConnected()
    for sequence in 1...5 { try publisher.publish("plant/pump/vib", Self.message(sequence)) }
    try publisher.publish("plant/pump/vib", Array(Self.message(6).dropLast(4)))
    let status = try #require(gateway.eventually { $0.received == 12 })
    #expect(status.points.map(\.point) == ["de", "nde"])
    for point in status.points {
      #expect(point.ledger.analysed == 5 && point.ledger.quarantinedBy == ["wrong_length": 1] && point.ledger.balances)
      #expect(point.sequences == [[1, 5]])
    }
  }

  @Test("what the broker delivers again after a SIGKILL is a duplicate of both points")
  func redelivered() throws {
    let patient = try PatientBroker()
    try gateway.configure(
      Plant.configuration(broker: patient.url, ["protocol = \"3.1.1\""])
        .replacing("{machine}/{point}/vib", with: "{machine}/de/vib")
        .replacing("sequence_at = 0\n", with: "channels = [\"a\", \"b\"]\n"))
    try gateway.startConnected()
    try patient.send(1...10)
    #expect(eventually(within: 30) { patient.acknowledged.count == 10 })
    gateway.kill()
    try gateway.start()
    let status = try #require(gateway.eventually { $0.received == 40 })
    #expect(status.points.map(\.point) == ["a", "b"] && status.balances)
    #expect(status.points.allSatisfy { $0.ledger.duplicate == 10 && $0.ledger.analysed == 10 })
  }

  @Test("numbered messages that flow over SIGKILLs are committed once for both channels")
  func killed() throws {
    try gateway.startConnected()
    let reader = try StoreReader(folder: gateway.stateFolder)
    for round in 0..<3 {
      for sequence in round * 100 + 1...round * 100 + 100 { try publisher.publish("plant/pump/vib", Self.message(sequence)) }
      #expect(try eventually { try reader.points().first.map { $0.ledger.received > round * 100 + 10 } ?? false })
      gateway.kill()
      try gateway.start()
    }
    let status = try #require(gateway.eventually { $0.received - $0.duplicate == 600 })
    #expect(status.balances)
    #expect(status.points.allSatisfy { $0.sequences == [[1, 300]] })
  }
}
