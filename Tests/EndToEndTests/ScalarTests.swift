import Foundation
import TestSupport
import Testing

/// Slow values from a real broker to an alarm: every message committed before it is acknowledged, every one counted.
@Suite struct ScalarTests {
  private static func configuration(_ broker: String, _ lines: String = "", protocol version: String = "auto") -> String {
    """
    [broker]
    url = "\(broker)"
    protocol = "\(version)"
    [[source]]
    topic = "plant/{machine}/{point}/vib"
    payload = "json"
    quantity = "temperature"
    unit = "Cel"
    \(lines)
    [[machine]]
    name = "pump"
    [[machine.point]]
    name = "de"
    limits = { warning_above = 70, alarm_above = 90 }
    """
  }

  @Test("a bearing that runs hot raises an alarm in words, goes stale when its source is silent, and every message is counted")
  func hot() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Self.configuration(broker.url, "expected_interval_s = 2"))
    try gateway.startConnected()
    let publisher = try TestPublisher(port: broker.port)
    func publish(_ values: [String]) throws { try publisher.publish(Plant.topic("pump"), values.map { Array($0.utf8) }) }

    try publish((0..<10).map { "4\($0).5" } + ["warm", ""])
    #expect(gateway.eventually { $0.received == 12 && $0.point("pump")?.verdict == "normal" } != nil)
    try publish((0..<5).map { "9\(5 + $0 % 4)" })
    let sick = try #require(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 17 })
    let ledger = try #require(sick.point("pump")?.ledger)
    #expect(ledger.analysed == 15 && ledger.quarantinedBy == ["malformed": 1, "empty_payload": 1] && ledger.balances)
    let why = try gateway.thrum("explain", "pump#1").text.split { $0.isWhitespace }.joined(separator: " ")
    #expect(why.contains("is above the alarm limit, 90 °C"), "\(why)")
    let shown = try gateway.thrum("show", "pump/de", "--trend", "--json").objects().first
    #expect((shown?["trend"] as? [[String: Any]])?.map { $0["rms"] as? Double } == [40.5], "a row a minute, with the value")
    let latest = try gateway.thrum("status", "--json").objects().first?["points"] as? [[String: Any]]
    #expect((latest?.first?["latest"] as? [String: Any])?["value"] as? Double == 40.5, "\(latest ?? [])")
    #expect(try gateway.thrum("status").text.contains("MM/S|VALUE"))
    #expect(try gateway.thrum("show", "pump/de").text.contains("latest value 40.500"))
    #expect(try gateway.thrum("show", "pump/de", "--trend").text.contains("Value, in the source's unit"))
    #expect(try gateway.thrum("events", "--json", "--lane", "alarm").text.contains("org.thrum.alarm.raised.v1"))
    #expect(gateway.eventually { $0.point("pump")?.verdict == "abstain" } != nil)
  }

  @Test("what the broker sends again after a SIGKILL is a duplicate; a new value of the same number is not")
  func redelivered() throws {
    let broker = try PatientBroker()
    let gateway = try GatewayProcess(
      Self.configuration(broker.url, protocol: "3.1.1").replacing("\"json\"", with: "\"f32le\"")
        .replacing("unit = \"Cel\"", with: "unit = \"Cel\"\nheader_bytes = 4"))
    try gateway.startConnected()
    try broker.send(1...10)
    #expect(eventually(within: 30) { broker.acknowledged.count == 10 })
    gateway.kill()
    try gateway.start()
    let status = try #require(gateway.eventually { $0.received == 20 })
    let ledger = try #require(status.point("pump")?.ledger)
    #expect(ledger.duplicate == 10 && ledger.analysed == 10 && ledger.balances)
  }
}
