import Foundation
import TestSupport
import Testing

/// What a monitoring system reads of a real thrumd.
@Suite struct MetricsTests {
  private let broker: Broker
  private let gateway: GatewayProcess
  private let port: UInt16

  init() throws {
    (broker, port) = (try Broker(), try freePort())
    gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url, machines: ["pump"])
        + "\n[metrics]\nenabled = true\nlisten = \"127.0.0.1:\(port)\"\n")
    try gateway.startConnected()
  }

  private func figures() throws -> [String: Double] {
    let answer = try #require(Loopback.ask(port, "GET", "/metrics"))
    #expect(
      answer.status == 200 && answer.text.contains("application/openmetrics-text; version=1.0.0"), "\(answer.text.prefix(400))")
    #expect(answer.body.hasSuffix("\n# EOF\n"))
    let lines = answer.body.split(separator: "\n").filter { !$0.hasPrefix("#") }
    let pairs = lines.map { line in
      let space = line.lastIndex(of: " ") ?? line.endIndex
      return (String(line[..<space]), Double(line[space...].dropFirst()) ?? .nan)
    }
    #expect(Set(pairs.map(\.0)).count == pairs.count, "each figure once")
    #expect(pairs.allSatisfy { !$0.1.isNaN })
    return Dictionary(pairs) { first, _ in first }
  }

  @Test("the ledger balances in the figures too, each frame's time is in the histogram, labels give precision and recall")
  func balance() throws {
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...60).map { Plant.frame($0, velocityRMS: 10) })
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), [UInt8](repeating: 1, count: 7))
    try TestPublisher(port: broker.port).publish("plant/a \\\"b\"/de/vib", Plant.frame(1))
    #expect(gateway.eventually { $0.received == 62 && $0.point("pump")?.verdict == "alarm" } != nil)
    #expect(try gateway.thrum("label", "pump#1", "bad", "--fault", "outer").status == 0)
    let all = try figures()
    let fates = ["analysed", "quarantined", "duplicate", "dropped"].compactMap { all["thrum_frames_total{fate=\"\($0)\"}"] }
    #expect(fates.count == 4)
    #expect(fates.reduce(0, +) + (all["thrum_frames_pending"] ?? .nan) == all["thrum_frames_received_total"])
    #expect(all["thrum_frames_received_total"] == 62)
    #expect(all["thrum_sample_to_verdict_seconds_count"] == 62)
    #expect(all["thrum_sample_to_verdict_seconds_bucket{le=\"+Inf\"}"] == 62)
    #expect((all["thrum_sample_to_verdict_seconds_sum"] ?? -1) > 0)
    #expect(all["thrum_point_verdict{machine=\"pump\",point=\"de\"}"] == 2)
    #expect(all["thrum_alarms{priority=\"alarm\",state=\"unacknowledged\"}"] == 1)
    #expect(all["thrum_label_precision"] == 1 && all["thrum_label_recall"] == 1 && all["thrum_label_f1"] == 1)
    #expect(all.keys.contains { $0.contains(#"machine="a \\\"b\"""#) }, "a name stays within its label")
    #expect(all["thrum_broker_connected"] == 1 && (all["thrum_uptime_seconds"] ?? -1) >= 0)
    #expect((all["process_resident_memory_bytes"] ?? 0) > 1e6)
  }

  @Test("codes that let nobody in to the page are counted")
  func refusedCodes() throws {
    let page = try freePort()
    #expect(try figures()["thrum_page_codes_refused_total"] == nil, "there is no page")
    _ = gateway.stop()
    try gateway.configure(
      Plant.configuration(broker: broker.url) + "\n[metrics]\nenabled = true\nlisten = \"127.0.0.1:\(port)\"\n"
        + "[page]\nenabled = true\nlisten = \"127.0.0.1:\(page)\"\n")
    try gateway.startConnected()
    #expect(eventually { (try? figures())?["thrum_page_codes_refused_total"] == 0 })
    let own = ["Origin: http://127.0.0.1:\(page)", "Content-Type: application/json"]
    #expect(eventually { Loopback.ask(page, "POST", "/api/login", own, body: "{\"code\":\"0\"}")?.status == 403 })
    #expect(try figures()["thrum_page_codes_refused_total"] == 1)
  }

  @Test("nothing else is there, nothing can be sent, and it is loopback alone")
  func closed() throws {
    #expect(Loopback.ask(port, "GET", "/")?.status == 404)
    #expect(Loopback.ask(port, "POST", "/metrics", body: "x")?.status == 404)
    #expect(Loopback.ask(port, "GET", "/api/overview")?.status == 404)
    #expect(Loopback.listeners(of: try #require(gateway.processID)) == ["0100007F:\(String(format: "%04X", port))"])
    #expect(gateway.stop() == 0)
  }
}
