import Foundation
import TestSupport
import Testing

/// From a vibrating machine to a person and to the plane.
@Suite struct AlarmTests {
  @Test("a machine in zone D raises an alarm that is listed, explained and delivered, and that clears when it is healthy again")
  func zoneD() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url, machines: ["pump"]) + "\n[plane]\nurl = \"\(broker.url)\"\n")
    let database = gateway.folder.path("plane.db")
    let plane = try ChildProcess(
      [GatewayProcess.program("thrum-plane"), "serve", "--broker", broker.url, "--db", database])
    try gateway.startConnected()
    let publisher = try TestPublisher(port: broker.port)
    func publish(_ sequences: ClosedRange<Int>, velocityRMS: Double) throws {
      try publisher.publish(Plant.topic("pump"), sequences.map { Plant.frame($0, velocityRMS: velocityRMS) })
    }

    try publish(1...50, velocityRMS: 1)
    let healthy = try #require(gateway.eventually { $0.received == 50 })
    #expect(healthy.point("pump")?.verdict == "normal")
    #expect(healthy.point("pump")?.isoZone == "A")
    #expect(try gateway.thrum("alarms").text.contains("No alarm stands"))

    try publish(51...100, velocityRMS: 10)
    let sick = try #require(gateway.eventually { $0.point("pump")?.verdict == "alarm" })
    #expect(sick.point("pump")?.isoZone == "D")
    let rows = try gateway.thrum("alarms", "--json").decoded(Listing.self).alarms
    #expect(rows.map(\.id) == ["pump#1"])
    #expect(rows.map(\.points) == [["de"]])
    #expect(rows.map(\.priority) == ["alarm"])
    #expect(try gateway.thrum("alarms").text.contains("pump#1"))
    let why = try gateway.thrum("explain", "pump#1")
    #expect(why.status == 0)
    #expect(why.text.contains("zone D") && why.text.contains("mm/s"), "\(why.text)")
    #expect(why.lines.allSatisfy { $0.count <= 80 }, "\(why.text)")
    #expect(
      why.text.contains("Outlook: it stands in zone D already") && why.text.contains("What to do: Reduce load"), "\(why.text)")
    let explained = try gateway.thrum("explain", "pump#1", "--json").decoded(Row.self)
    #expect(abs((explained.explanation.velocityRmsMmS ?? 0) - 10) < 0.1)
    #expect(explained.explanation.zone == "D")

    try publish(101...250, velocityRMS: 1)
    #expect(gateway.eventually { $0.point("pump")?.verdict == "normal" } != nil)
    #expect(try gateway.thrum("explain", "pump#1", "--json").decoded(Row.self).clearedAt != nil)
    #expect(gateway.eventually { $0.store.unsentEvents == 0 && $0.uplink.connected } != nil)
    plane.terminate()
    let sent = try gateway.run("thrum-plane", ["events", "--db", database, "--json", "--lane", "alarm"])
    #expect(sent.lines == (try gateway.thrum("events", "--json", "--lane", "alarm").lines))
    let types = try sent.objects().compactMap { $0["type"] as? String }
    #expect(types.first == "org.thrum.alarm.raised.v1")
    #expect(types.last == "org.thrum.alarm.cleared.v1")
  }

  private struct Listing: Decodable { let alarms: [Row] }
  private struct Row: Decodable {
    let id, priority: String
    let points: [String]
    let clearedAt: String?
    let explanation: Explanation
  }
  private struct Explanation: Decodable {
    let zone: String?
    let velocityRmsMmS: Double?
  }
}
