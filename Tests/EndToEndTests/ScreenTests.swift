import Foundation
import TestSupport
import Testing

/// Listings on a narrow screen.
@Suite struct ScreenTests {
  @Test(
    "listings fit 80 columns with long names, losses, slow values and a dead daemon; nothing that is not told elsewhere is left out"
  )
  func narrow() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url, machines: ["pump"]) + """

        [[source]]
        topic = "plant/{machine}/{point}/temperature"
        payload = "json"
        quantity = "temperature"
        unit = "Cel"
        """)
    try gateway.startConnected()
    let long = "conveyor-of-the-second-hall-on-the-left"
    let publisher = try TestPublisher(port: broker.port)
    try publisher.publish(Plant.topic("pump"), (1...60).map { Plant.frame($0, velocityRMS: 10) })
    try publisher.publish(Plant.topic(long, "gearbox-input-shaft"), Plant.frame(1))
    try publisher.publish(Plant.topic(long, "gearbox-input-shaft"), [1, 2, 3])
    try publisher.publish("plant/pump/oil/temperature", Array("61.5".utf8))
    #expect(gateway.eventually { $0.received == 63 && $0.point("pump")?.verdict == "alarm" } != nil)
    try expectNarrow(gateway)
    let status = try gateway.thrum("status").text
    #expect(status.contains("REFUSED") && !status.contains("LOST"), "a frame was refused, none was lost: \(status)")
    gateway.kill()
    try expectNarrow(gateway)
  }

  private func expectNarrow(_ gateway: GatewayProcess) throws {
    for verb in [["status"], ["points"], ["alarms"], ["events"], ["review"], ["show", "pump/oil"], ["bearings", "6205"]] {
      let printed = try gateway.run("thrum", verb)
      #expect(printed.status == 0 && printed.lines.allSatisfy { $0.count <= 80 }, "\(verb): \(printed.text)")
    }
    let status = try gateway.thrum("status").text
    #expect(status.contains("conveyor-of-the-second-hall-on-the-left/gearbox-input-shaft\n"), "\(status)")
    #expect(status.contains("pump/de") && status.contains("VERDICT") && status.contains("BASELINE"))
  }

  @Test("usage fits too", arguments: ["export", "evaluate", "doctor", "maintenance"])
  func usage(verb: String) throws {
    let printed = try GatewayProcess("").thrum(verb, "--help")
    #expect(printed.status == 0 && printed.lines.allSatisfy { $0.count <= 80 }, "\(printed.text)")
  }
}
