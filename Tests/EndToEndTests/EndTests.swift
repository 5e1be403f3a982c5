import Foundation
import Glibc
import TestSupport
import Testing

/// How thrumd ended can be told from the store alone.
@Suite struct EndTests {
  private func gateway() throws -> GatewayProcess {
    try GatewayProcess(Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())"))
  }

  private func report(_ gateway: GatewayProcess) throws -> [String: Any] {
    try #require(try gateway.thrum("status", "--json").objects().first)
  }

  /// What a verb says, without the breaks of its lines.
  private func words(_ verb: String, _ gateway: GatewayProcess) throws -> String {
    try gateway.thrum(verb).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test("SIGTERM and SIGINT are written down as an end in order, and every reader says so", arguments: [SIGTERM, SIGINT])
  func told(signal: Int32) throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    #expect(try report(gateway)["stopped_in_order"] == nil)
    gateway.send(signal)
    #expect(gateway.waitUntilExit() == 0)
    #expect(try report(gateway)["stopped_in_order"] as? Bool == true)
    #expect(try report(gateway)["stopped_since"] is String)
    #expect(try words("status", gateway).contains("it was told to stop"))
    #expect(try words("points", gateway).contains("it was told to stop"))
    #expect(try words("doctor", gateway).contains("it was told to stop and ended in good order"))
  }

  @Test("a kill is no end in order, and a start after one in order begins as any other")
  func killed() throws {
    let gateway = try gateway()
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    #expect(gateway.stop() == 0)
    try gateway.start()
    #expect(gateway.eventually { $0.state == "degraded" } != nil)
    gateway.kill()
    gateway.waitUntilExit()
    #expect(try report(gateway)["stopped_in_order"] as? Bool == false)
    #expect(try words("status", gateway).contains("it wrote no end"))
    #expect(try words("doctor", gateway).contains("killed, crashed or cut off"))
  }

  @Test("beginning anew with a changed configuration is no end: a kill after it is told as one")
  func reloaded() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    gateway.reload()
    #expect(gateway.logs("Thrum is running", times: 2))
    gateway.kill()
    gateway.waitUntilExit()
    #expect(try report(gateway)["stopped_in_order"] as? Bool == false)
  }
}

/// What lies on the disk is nobody else's, and goes when it is told to.
@Suite struct StoreRightsTests {
  @Test("reset says what would go, refuses while thrumd runs, and leaves a gateway that begins anew")
  func reset() throws {
    let gateway = try GatewayProcess(Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())"))
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    let refused = try gateway.thrum("reset", "--yes")
    #expect(refused.status == 1 && refused.text.contains("keeps this store"), "\(refused.text)")
    #expect(gateway.stop() == 0)
    let asked = try gateway.thrum("reset")
    #expect(asked.status == 1 && asked.text.contains("thrum.db: would be deleted"), "\(asked.text)")
    #expect(try gateway.thrum("status").status == 0)
    #expect(try gateway.thrum("reset", "--yes").status == 0)
    #expect(!FileManager.default.fileExists(atPath: gateway.database))
    try gateway.start()
    #expect(gateway.eventually { $0.state == "degraded" } != nil)
  }

  @Test("others on the gateway can neither list nor read the state folder, by thrum or otherwise", .enabled(if: getuid() == 0))
  func others() throws {
    let gateway = try GatewayProcess(Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())"))
    try gateway.start()
    #expect(gateway.logs("Thrum is running"))
    chmod(gateway.folder.path, 0o755)
    let mode = try FileManager.default.attributesOfItem(atPath: gateway.stateFolder)[.posixPermissions] as? Int
    #expect(mode.map { $0 & 0o007 } == 0)
    let other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    #expect(try gateway.run("thrum", ["status"], wrapper: other).status == 1)
    for path in [gateway.stateFolder, gateway.database] {
      let read = try Printed(other + ["cat", path], in: gateway.folder)
      #expect(read.status != 0 && read.text.contains("Permission denied"), "\(read.text)")
    }
    #expect(try gateway.thrum("status").status == 0)
  }
}
