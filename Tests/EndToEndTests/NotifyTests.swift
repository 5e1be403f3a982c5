import Foundation
import Synchronization
import TestSupport
import Testing

/// Telling others of alarms: a real mosquitto, a program, and an HTTP server of the test's own.
@Suite struct NotifyTests {
  private let broker: Broker

  init() throws { broker = try Broker() }

  private func gateway(_ notify: String) throws -> GatewayProcess {
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url, machines: ["pump", "fan"]) + "\n" + notify)
    try gateway.startConnected()
    return gateway
  }

  private func publish(_ sequences: ClosedRange<Int>, velocityRMS: Double, to machine: String = "pump") throws {
    try TestPublisher(port: broker.port).publish(
      Plant.topic(machine), sequences.map { Plant.frame($0, velocityRMS: velocityRMS) })
  }

  /// What is retained below a topic now, by topic.
  private func retained(_ gateway: GatewayProcess, _ filter: String) throws -> [String: [String: Any]] {
    let printed = try Printed(
      ["mosquitto_sub", "-h", "127.0.0.1", "-p", "\(broker.port)", "-t", filter, "-v", "-W", "1", "--retained-only"],
      in: gateway.folder)
    let pairs = printed.lines.compactMap { line -> (String, [String: Any])? in
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let object = try? JSONSerialization.jsonObject(with: Data(parts[1].utf8)) as? [String: Any] else {
        return nil
      }
      return (String(parts[0]), object)
    }
    return Dictionary(pairs) { $1 }
  }

  @Test("a topic shows each machine's alarm, retained, follows what people do, and says when nobody looks after it")
  func topic() throws {
    let gateway = try gateway("[[notify]]\nname = \"scada\"\ntopic = \"board/{machine}\"\n")
    try publish(1...60, velocityRMS: 10)
    #expect(
      eventually(within: 20) { (try? retained(gateway, "board/#")["board/pump"]?["sounding"] as? Bool) == true })
    let board = try #require(try retained(gateway, "board/#")["board/pump"])
    let alarm = try #require(board["alarm"] as? [String: Any])
    #expect(alarm["state"] as? String == "unacknowledged" && alarm["priority"] as? String == "alarm")
    #expect((alarm["words"] as? String)?.contains("zone D") == true && alarm["spectrum"] == nil)
    #expect(try retained(gateway, "board/#")["board/_gateway"]?["online"] as? Bool == true)
    #expect(try gateway.thrum("shelve", "pump#1", "--for", "1h").status == 0)
    #expect(eventually(within: 20) { (try? retained(gateway, "board/#")["board/pump"]?["sounding"] as? Bool) == false })
    gateway.kill()
    #expect(eventually(within: 20) { (try? retained(gateway, "board/#")["board/_gateway"]?["online"] as? Bool) == false })
    try gateway.startConnected()
    #expect(eventually(within: 20) { (try? retained(gateway, "board/#")["board/_gateway"]?["online"] as? Bool) == true })
    #expect(gateway.stop() == 0)
    #expect(try retained(gateway, "board/#")["board/_gateway"]?["online"] as? Bool == false)
  }

  @Test("a broker that forgot everything is told again")
  func brokerRestart() throws {
    let gateway = try gateway("[[notify]]\nname = \"lamp\"\ntopic = \"lamp\"\n")
    try publish(1...60, velocityRMS: 10)
    #expect(eventually(within: 20) { (try? retained(gateway, "lamp")["lamp"]?["worst"] as? String) == "alarm" })
    try broker.restart()
    #expect(eventually(within: 40) { (try? retained(gateway, "lamp")["lamp"]?["standing"] as? Int) == 1 })
  }

  @Test("a program gets each event on its standard input, once, in order, also over a restart, and none from before it was named")
  func command() throws {
    let folder = try TemporaryFolder()
    try folder.write("#!/bin/sh\ncat >> \(folder.path("told"))\n", to: "tell")
    chmod(folder.path("tell"), 0o755)
    func told() -> [[String: Any]] {
      ((try? contents(ofFile: folder.path("told"))) ?? "").split(separator: "\n").compactMap {
        try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      }
    }
    let plain = Plant.configuration(broker: broker.url, machines: ["pump", "fan"])
    let gateway = try GatewayProcess(plain)
    try gateway.startConnected()
    try publish(1...60, velocityRMS: 10)
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" } != nil)
    gateway.stop()
    try gateway.configure(plain + "\n[[notify]]\nname = \"shift\"\ncommand = [\"\(folder.path("tell"))\"]\n")
    try gateway.startConnected()
    #expect(eventually(within: 20) { access(gateway.stateFolder + "/notify-shift.json", F_OK) == 0 })
    #expect(try gateway.thrum("ack", "pump#1").status == 0)
    #expect(eventually(within: 20) { told().count == 1 })
    #expect(told().first?["event"] as? String == "alarm acknowledged" && told().first?["machine"] as? String == "pump")
    // Between the program's end and this being written a kill would tell it again: at least once.
    let place = gateway.stateFolder + "/notify-shift.json"
    #expect(eventually(within: 20) { (try? contents(ofFile: place))?.contains("\"sequence\":2,") == true })
    gateway.kill()
    try gateway.startConnected()
    try publish(1...60, velocityRMS: 10, to: "fan")
    #expect(eventually(within: 20) { told().count >= 2 })
    #expect(told().compactMap { $0["event"] as? String } == ["alarm acknowledged", "alarm raised"])
    #expect(Set(told().compactMap { $0["id"] as? String }).count == 2)
  }

  @Test("a program that fails is tried again, and one that hangs does not keep thrumd from stopping")
  func failingCommand() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "#!/bin/sh\necho x >> \(folder.path("tries"))\n[ $(wc -l < \(folder.path("tries"))) -ge 3 ] || exit 1\nsleep 1000\n",
      to: "tell")
    chmod(folder.path("tell"), 0o755)
    let gateway = try gateway("[[notify]]\nname = \"shift\"\ncommand = [\"\(folder.path("tell"))\"]\n")
    try publish(1...60, velocityRMS: 10)
    #expect(gateway.eventually { $0.reasons.contains { $0.contains("notify shift: ") && $0.contains("ended with 1") } } != nil)
    #expect(eventually(within: 20) { (try? contents(ofFile: folder.path("tries")))?.split(separator: "\n").count == 3 })
    #expect(gateway.stop() == 0)
  }

  @Test("a webhook gets the notice as JSON; while its server is away or refuses, the notice waits and frames do not")
  func webhook() throws {
    let port = try freePort()
    let gateway = try gateway("[[notify]]\nname = \"hook\"\nwebhook = \"http://127.0.0.1:\(port)/alarms?a=b\"\n")
    try publish(1...60, velocityRMS: 10)
    let status = try #require(gateway.eventually { $0.reasons.contains { $0.hasPrefix("notify hook: ") } })
    #expect(status.received == 60 && status.balances)
    let server = try WebhookServer(port, statuses: [503, 204])
    #expect(eventually(within: 30) { server.requests.count == 2 })
    let request = try #require(server.requests.last)
    #expect(request.hasPrefix("POST /alarms?a=b HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"))
    let body = try #require(request.components(separatedBy: "\r\n\r\n").last)
    let notice = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    #expect(notice["event"] as? String == "alarm raised" && notice["gateway"] as? String == "gw-1")
    #expect(gateway.eventually { $0.state == "healthy" } != nil)
  }
}

/// Answers each request with the next status.
private final class WebhookServer: Sendable {
  private let state: Mutex<[String]>
  private let socket: Socket
  var requests: [String] { state.withLock { $0 } }

  init(_ port: UInt16, statuses: [Int]) throws {
    socket = try Socket(listeningOn: port)
    state = Mutex([])
    let socket = socket
    spawnThread { [weak self] in
      for status in statuses {
        guard let connection = try? socket.accept() else { return }
        var bytes: [UInt8] = []
        while !Self.isWhole(bytes), let byte = connection.receive(1) { bytes += byte }
        self?.state.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        try? connection.send(Array("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n".utf8))
      }
    }
  }

  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    let parts = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n")
    let length = parts[0].components(separatedBy: "Content-Length: ").last?.prefix { $0.isNumber }
    return parts.count > 1 && parts[1].utf8.count >= length.flatMap { Int($0) } ?? 0
  }
}
