import Foundation
import Glibc
import TestSupport
import Testing

/// The page of a real thrumd: who gets in, what he may do, and that nobody who tries disturbs the frames.
@Suite struct PageTests {
  private let broker: Broker
  private let gateway: GatewayProcess
  private let port: UInt16

  init() throws {
    (broker, port) = (try Broker(), try freePort())
    gateway = try GatewayProcess(Self.configuration(broker, port))
    try gateway.startConnected()
  }

  private static func configuration(_ broker: Broker, _ port: UInt16) -> String {
    Plant.configuration(broker: broker.url, machines: ["pump"])
      + "\n[page]\nenabled = true\nlisten = \"127.0.0.1:\(port)\"\n[local]\noperator_group = \"daemon\"\nadmin_group = \"bin\"\n"
  }

  private func publish(_ sequences: ClosedRange<Int>, velocityRMS: Double, to machine: String = "pump") throws {
    try TestPublisher(port: broker.port).publish(
      Plant.topic(machine), sequences.map { Plant.frame($0, velocityRMS: velocityRMS) })
  }

  private func raise() throws {
    try publish(1...60, velocityRMS: 10)
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 60 } != nil)
  }

  private struct Login {
    let headers: [String]
    let role: String
  }

  /// As a browser does that opens what `thrum page` printed.
  private func logIn(as wrapper: [String] = []) throws -> Login {
    let printed = try gateway.run("thrum", ["page", "--json"], wrapper: wrapper)
    let reply = try #require(try printed.objects().first, "\(printed.text)")
    let code = try #require((reply["url"] as? String)?.components(separatedBy: "#code=").last)
    let own = ["Origin: http://127.0.0.1:\(port)", "Content-Type: application/json"]
    let answer = try #require(Loopback.ask(port, "POST", "/api/login", own, body: "{\"code\":\"\(code)\"}"))
    #expect(answer.status == 200, "\(answer.text)")
    let cookie = try #require(answer.text.components(separatedBy: "Set-Cookie: ").last?.split(separator: ";").first)
    let who = try #require(Loopback.ask(port, "GET", "/api/who", ["Cookie: \(cookie)"]))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(who.body.utf8)) as? [String: Any])
    let token = try #require(object["token"] as? String)
    return Login(headers: own + ["Cookie: \(cookie)", "X-Thrum-Token: \(token)"], role: object["role"] as? String ?? "")
  }

  @Test("by default there is no listener but the socket; with the page there is one, on loopback")
  func listeners() throws {
    #expect(Loopback.listeners(of: try #require(gateway.processID)) == ["0100007F:\(String(format: "%04X", port))"])
    let plain = try GatewayProcess(Plant.configuration(broker: broker.url))
    try plain.startConnected()
    #expect(Loopback.listeners(of: try #require(plain.processID)) == [])
    let printed = try plain.thrum("page")
    #expect(printed.status == 1 && printed.text.contains("[page]"), "\(printed.text)")
  }

  @Test("thrum page prints the address with its code, and how another computer gets there")
  func printed() throws {
    let printed = try gateway.thrum("page")
    #expect(printed.status == 0)
    #expect(printed.text.contains("http://127.0.0.1:\(port)/#code="), "\(printed.text)")
    #expect(printed.text.contains("ssh -N -L \(port):127.0.0.1:\(port)"), "\(printed.text)")
    let code = try #require(try gateway.thrum("login", "--json").objects().first?["code"] as? String)
    let own = ["Origin: http://127.0.0.1:\(port)", "Content-Type: application/json"]
    #expect(Loopback.ask(port, "POST", "/api/login", own, body: "{\"code\":\"\(code)\"}")?.status == 200)
    #expect(Loopback.ask(port, "POST", "/api/login", own, body: "{\"code\":\"\(code)\"}")?.status == 403)
    gateway.kill()
    #expect(try gateway.thrum("page").text.contains("thrumd does not run"))
    #expect(try gateway.thrum("login").text.contains("thrumd does not run"))
  }

  @Test("a viewer sees the alarm and cannot acknowledge it, an operator can, and stands in the audit log by his own user")
  func roles() throws {
    guard getuid() == 0 else { return }
    try raise()
    for path in [gateway.folder.path, gateway.stateFolder] { chmod(path, 0o755) }
    let viewer = try logIn(as: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    #expect(viewer.role == "viewer")
    let seen = try #require(Loopback.ask(port, "GET", "/api/alarms", viewer.headers))
    #expect(seen.status == 200 && seen.body.contains("\"pump#1\""))
    let order = "{\"alarm\":\"pump#1\"}"
    let refused = try #require(Loopback.ask(port, "POST", "/api/calls/acknowledge", viewer.headers, body: order))
    #expect(refused.status == 403 && refused.body.contains("the group daemon"), "\(refused.body)")
    #expect(try gateway.thrum("alarms").text.contains("unacknowledged"))
    #expect(try gateway.thrum("audit", "list", "--json").objects().isEmpty)
    let one = try logIn(as: ["setpriv", "--reuid=65534", "--regid=65534", "--groups=1"])
    let done = try #require(Loopback.ask(port, "POST", "/api/calls/acknowledge", one.headers, body: order))
    #expect(done.status == 200, "\(done.text)")
    let audit = try gateway.thrum("audit", "list", "--json").objects()
    #expect(audit.map { $0["uid"] as? Int } == [65_534] && audit.map { $0["role"] as? String } == ["operator"])
    let more = try #require(Loopback.ask(port, "POST", "/api/calls/open-page", one.headers, body: "{}"))
    #expect(more.status == 404, "a session cannot make another one that lasts longer")
  }

  @Test("every view answers; what a topic named with a script is in it as a JSON text")
  func views() throws {
    let name = "<script>alert(1)<"
    try raise()
    try publish(1...5, velocityRMS: 1, to: name)
    #expect(gateway.eventually { $0.received == 65 } != nil)
    let login = try logIn()
    for (view, wanted) in [
      ("overview", "\"healthy\""), ("alarms", "\"words\""), ("alarm?id=pump%231", "\"advice\""),
      ("point?point=pump/de", "\"maintenance\""), ("trend?point=pump/de", "\"velocity_rms_mm_s\""),
      ("trend?point=pump/de&from=nan", "\"time\":[]"),
      ("waveform?point=pump/de", "\"samples\""), ("spectrum?point=pump/de&kind=velocity", "\"amplitude\""),
      ("spectrum?point=pump/de&kind=envelope", "\"amplitude\""),
    ] {
      let answer = try #require(Loopback.ask(port, "GET", "/api/\(view)", login.headers))
      #expect(answer.status == 200 && answer.body.contains(wanted), "\(view): \(answer.text)")
      #expect(answer.text.contains("Content-Type: application/json") && answer.text.contains("nosniff"))
      #expect((try? JSONSerialization.jsonObject(with: Data(answer.body.utf8))) != nil, "\(view)")
    }
    #expect(Loopback.ask(port, "GET", "/api/overview", login.headers)?.body.contains(name) == true)
    for view in ["nothing", "trend?point=no/ne", "trend?point=", "alarm?id=no", "spectrum?point=pump/de&kind=x", "../overview"] {
      let status = try #require(Loopback.ask(port, "GET", "/api/\(view)", login.headers)?.status)
      #expect([400, 404].contains(status), "\(view): \(status)")
    }
  }

  @Test("a session outlives the daemon, its key is nobody else's to read, and a lost key ends it")
  func restart() throws {
    let login = try logIn()
    var status = stat()
    #expect(stat(gateway.stateFolder + "/page.key", &status) == 0 && status.st_mode & 0o777 == 0o600)
    gateway.kill()
    try gateway.startConnected()
    #expect(Loopback.ask(port, "GET", "/api/overview", login.headers)?.status == 200)
    gateway.stop()
    #expect(unlink(gateway.stateFolder + "/page.key") == 0)
    try gateway.startConnected()
    #expect(Loopback.ask(port, "GET", "/api/overview", login.headers)?.status == 401)
  }

  @Test("ten thousand connections, slow ones and a flood of requests disturb neither frames nor people")
  func flood() throws {
    let slow = try (0..<20).map { _ in try Socket(connectingTo: port) }
    for socket in slow { try socket.send(Array("GET / HTTP/1.1\r\nX: ".utf8)) }
    try publish(1...60, velocityRMS: 10)
    var silent: [Socket] = []
    for number in 1...10_000 {
      silent.append(try Socket(connectingTo: port))
      if silent.count > 300 { silent.removeFirst() }
      if number.isMultiple(of: 1000) { try publish(number / 100 + 51...number / 100 + 60, velocityRMS: 10) }
    }
    for _ in 0..<500 { _ = Loopback.ask(port, "GET", "/api/overview") }
    #expect(try gateway.thrum("ack", "pump#1").status == 0)
    let status = try #require(gateway.eventually { $0.received == 160 })
    #expect(status.balances && status.state == "healthy", "\(status.reasons)")
    #expect(eventually(within: 20) { Loopback.ask(port, "GET", "/")?.status == 200 }, "and who wants the page gets it")
    #expect(gateway.stop() == 0)
  }

  @Test("a port or a socket that is taken is told of, and tried again until it is free")
  func retried() throws {
    let gateway = try GatewayProcess(Self.configuration(broker, try freePort()))
    var taken: Socket? = try Socket(listeningOn: 0)
    try gateway.configure(Self.configuration(broker, taken?.port ?? 0))
    try FileManager.default.createDirectory(atPath: gateway.stateFolder, withIntermediateDirectories: true)
    try gateway.folder.write("not a socket", to: "state/thrum.sock")
    try gateway.startConnected()
    let status = try #require(gateway.eventually { $0.reasons.count == 2 })
    #expect(status.state == "degraded" && status.reasons.contains { $0.hasPrefix("page: ") })
    #expect(status.reasons.contains { $0.hasPrefix("local socket: ") }, "\(status.reasons)")
    taken = nil
    #expect(unlink(gateway.stateFolder + "/thrum.sock") == 0)
    #expect(gateway.eventually { $0.state == "healthy" } != nil)
    #expect(try gateway.thrum("page").status == 0)
    #expect(gateway.stop() == 0)
  }
}
