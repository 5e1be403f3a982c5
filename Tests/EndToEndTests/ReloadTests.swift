import Foundation
import TestSupport
import Testing

/// `systemctl reload`: a changed configuration is taken without losing a frame, a wrong one is not taken at all.
@Suite struct ReloadTests {
  @Test("what is right holds from now on, under the same process number, and no frame published meanwhile is lost")
  func reloaded() throws {
    let broker = try Broker()
    let socket = try NotifySocket()
    let gateway = try GatewayProcess(
      Plant.configuration(broker: broker.url), environment: ["NOTIFY_SOCKET": socket.path])
    try gateway.startConnected()
    let publisher = try TestPublisher(port: broker.port)
    try publisher.publish(Plant.topic("pump"), (1...50).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.received == 50 } != nil)
    #expect(gateway.status()?.point("pump")?.isoZone == nil)

    let before = try #require(gateway.processID)
    try gateway.configure(Plant.configuration(broker: broker.url, machines: ["pump"]))
    gateway.reload()
    try publisher.publish(Plant.topic("pump"), (51...200).map { Plant.frame($0, velocityRMS: 10) })
    let after = try #require(gateway.eventually { $0.point("pump")?.isoZone == "D" && $0.received == 200 })
    #expect(after.balances && after.point("pump")?.sequences == [[1, 200]], "\(after)")
    #expect(gateway.processID == before && gateway.isRunning)
    let told = socket.messages.joined(separator: "\n")
    #expect(told.contains("RELOADING=1\nMONOTONIC_USEC=") && !told.contains("STOPPING=1"), "\(told)")
    #expect(told.components(separatedBy: "READY=1").count == 3, "\(told)")
    #expect(gateway.stop() == 0)
    #expect(socket.messages.contains("STOPPING=1"))
  }

  @Test("what is wrong is named and changes nothing")
  func refused() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    try gateway.configure(Plant.configuration(broker: broker.url) + "\n[store]\nmax_byte = 5\n")
    gateway.reload()
    #expect(gateway.logs("store.max_byte"))
    let told = gateway.eventually { $0.reasons.contains { $0.contains("reload was refused") && $0.contains("store.max_byte") } }
    #expect(told?.state == "degraded", "status tells it too: \(String(describing: gateway.status()?.reasons))")
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...50).map { Plant.frame($0) })
    #expect(gateway.eventually { $0.received == 50 } != nil)
    try gateway.configure(Plant.configuration(broker: broker.url))
    gateway.reload()
    #expect(gateway.eventually { $0.state == "healthy" && $0.reasons.isEmpty } != nil, "until one is taken")
    #expect(gateway.stop() == 0)
  }

  @Test("what names a file that is no key or no root is not taken either: every one is named, and the daemon goes on")
  func unusable() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    try gateway.configure(
      Plant.configuration(broker: broker.url, ["username = \"thrum\"", "password_file = \"/nowhere/password\""]) + """

        [plane]
        url = "mqtt://127.0.0.1"
        signing_key_file = "/nowhere/signing.json"
        [models]
        root_file = "/nowhere/root.json"
        [evidence]
        key_file = "/nowhere/evidence.key"
        """)
    let checked = try gateway.run("thrumd", ["--check-config"])
    #expect(checked.status == 2)
    for key in ["broker: /nowhere/password", "plane: ", "models.root_file: ", "evidence.key_file: "] {
      #expect(checked.text.contains(key), "\(checked.text)")
    }
    gateway.reload()
    #expect(gateway.logs("models.root_file"))
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...50).map { Plant.frame($0) })
    #expect(gateway.eventually { $0.received == 50 } != nil)
    #expect(gateway.stop() == 0)
  }
}
