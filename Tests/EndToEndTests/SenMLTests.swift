import Foundation
import TestSupport
import Testing

/// Packs of SenML from the broker to the ledger.
@Suite struct SenMLTests {
  @Test("a pack's waveform and slow value are two points; what a pack does not hold is set aside for that point alone")
  func packs() throws {
    let broker = try Broker()
    let configuration = Plant.configuration(broker: broker.url)
      .replacing("{machine}/{point}/vib", with: "{machine}/senml").replacing("\"f32le\"", with: "\"senml\"")
      .replacing("header_bytes = 4\nsequence_at = 0\n", with: "")
      .replacing("unit = \"m/s2\"", with: "channels = [\"de\", { name = \"temp\", quantity = \"temperature\", unit = \"Cel\" }]")
      .replacing("sample_rate_hz = 2560\n", with: "")
    let gateway = try GatewayProcess(configuration)
    let publisher = try TestPublisher(port: broker.port)
    try gateway.startConnected()
    let start = Date().timeIntervalSince1970.rounded(.down)
    for number in 0..<5 { try publisher.publish("plant/pump/senml", Self.pack(number, from: start)) }
    try publisher.publish("plant/pump/senml", Array("[{\"n\":\"temp\",\"u\":\"Cel\",\"v\":40}]".utf8))
    try publisher.publish("plant/pump/senml", Array("[{\"n\":\"temp\",\"v\":1},".utf8))
    let status = try #require(gateway.eventually { $0.received == 14 }, "\(gateway.log)")
    #expect(status.points.map(\.point) == ["de", "temp"] && status.balances)
    let (vibration, temperature) = (status.points[0].ledger, status.points[1].ledger)
    #expect(vibration.analysed == 5 && vibration.quarantinedBy == ["wrong_length": 1, "malformed": 1], "\(vibration)")
    #expect(temperature.analysed == 6 && temperature.quarantinedBy == ["malformed": 1], "\(temperature)")
  }

  /// A tenth of a second at 2560 Hz in m/s², and a temperature.
  private static func pack(_ number: Int, from start: Double) -> [UInt8] {
    let records = (0..<256).map { index in
      let sample = sin(0.39 * Double(256 * number + index)) + 0.01 * Double((index * 7919 + number) % 13)
      return "{\"n\":\"de\",\"t\":\(Double(index) / 2560),\"v\":\(sample)}"
    }
    let base = "{\"bn\":\"pump:\",\"bt\":\(start + 0.1 * Double(number)),\"bu\":\"m/s2\"}"
    return Array("[\(base),\(records.joined(separator: ",")),{\"n\":\"temp\",\"u\":\"Cel\",\"v\":\(60 + number)}]".utf8)
  }
}
