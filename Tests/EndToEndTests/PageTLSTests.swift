import Foundation
import Glibc
import TestSupport
import Testing

/// The page of a real thrumd on the plant's network: with a certificate, and with a code.
@Suite struct PageTLSTests {
  private let broker: Broker
  private let gateway: GatewayProcess
  private let port: UInt16

  init() throws {
    (broker, port) = (try Broker(), try freePort())
    gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try makeCertificate("page", in: gateway.folder)
    try gateway.configure(Self.configuration(broker, port))
    try gateway.startConnected()
  }

  private static func configuration(_ broker: Broker, _ port: UInt16, certificate: Bool = true) -> String {
    Plant.configuration(broker: broker.url) + "\n[page]\nenabled = true\nlisten = \"0.0.0.0:\(port)\"\n"
      + (certificate ? "cert_file = \"page.pem\"\nkey_file = \"page.key\"\nnames = [\"gw-1.test\"]\n" : "")
  }

  private struct Answer {
    let status: Int
    let text: String
  }

  private func ask(_ method: String, _ path: String, _ headers: [String] = [], body: String = "", host: String) throws -> Answer {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: gw-1.test:\(port)", "Content-Length: \(body.utf8.count)"] + headers
    let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    let answer = try TLSConnection.ask(Int(port), text, host: host).answer
    return Answer(status: answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, text: answer)
  }

  /// This machine's own addresses in networks, loopback's last.
  private func addresses() throws -> [String] {
    try run(["hostname", "-I"]).split { $0 == " " || $0.isNewline }.map(String.init).filter { !$0.contains(":") } + ["127.0.0.1"]
  }

  @Test(
    "thrum page prints the name and the fingerprint that a browser shows; its code lets in from the network, once; nothing else does"
  )
  func network() throws {
    #expect(Loopback.listeners(of: try #require(gateway.processID)) == ["00000000:\(String(format: "%04X", port))"])
    let printed = try gateway.thrum("page")
    #expect(printed.text.contains("https://gw-1.test:\(port)/#code=") && !printed.text.contains("ssh -N"), "\(printed.text)")
    #expect(printed.text.contains(try TLSConnection.fingerprint(Int(port))))
    let own = ["Origin: https://gw-1.test:\(port)", "Content-Type: application/json"]
    for address in try addresses() {
      #expect(try ask("GET", "/", host: address).status == 200, "\(address)")
      #expect(try ask("GET", "/api/overview", host: address).status == 401)
      let code = try #require(try gateway.thrum("login", "--json").objects().first?["code"] as? String)
      let answer = try ask("POST", "/api/login", own, body: "{\"code\":\"\(code)\"}", host: address)
      #expect(answer.status == 200, "\(answer.text)")
      #expect(try ask("POST", "/api/login", own, body: "{\"code\":\"\(code)\"}", host: address).status == 403)
      let cookie = try #require(answer.text.components(separatedBy: "Set-Cookie: ").last?.split(separator: ";").first)
      #expect(try ask("GET", "/api/overview", ["Cookie: \(cookie)"], host: address).status == 200)
    }
    #expect(gateway.log.contains("Refused a code for the page"))
    try gateway.configure(
      Self.configuration(broker, port).replacing("[\"gw-1.test\"]", with: "[\"hall.plant.test\", \"127.0.0.1\"]"))
    #expect(try gateway.thrum("doctor").text.contains("page.pem: valid until"))
    #expect(Loopback.ask(port, "GET", "/") == nil, "nothing is said without TLS")
  }

  @Test(
    "a certificate that is not its key's is told of while the one before stays in use, and the right one is taken without a restart"
  )
  func replaced() throws {
    let first = try TLSConnection.fingerprint(Int(port))
    try makeCertificate("other", in: gateway.folder)
    #expect(rename(gateway.folder.path("other.key"), gateway.folder.path("page.key")) == 0)
    let status = try #require(gateway.eventually { $0.state == "degraded" })
    #expect(
      status.reasons.contains { $0.hasPrefix("page: ") && $0.contains("the certificate before it stays in use") },
      "\(status.reasons)")
    #expect(try gateway.thrum("doctor").text.contains("is not the key of"))
    #expect(try TLSConnection.fingerprint(Int(port)) == first)
    #expect(rename(gateway.folder.path("other.pem"), gateway.folder.path("page.pem")) == 0)
    #expect(gateway.eventually { $0.state == "healthy" } != nil)
    #expect(try TLSConnection.fingerprint(Int(port)) != first)
  }

  @Test("a start without the key tells so, gives no code for a page that is not there, and listens as soon as the key is")
  func keyMissing() throws {
    #expect(gateway.stop() == 0)
    let (key, aside) = (gateway.folder.path("page.key"), gateway.folder.path("aside"))
    #expect(rename(key, aside) == 0)
    try gateway.startConnected()
    let status = try #require(gateway.eventually { $0.state == "degraded" })
    #expect(status.reasons.contains { $0.hasPrefix("page: use ") && $0.contains("page.key: No such file") }, "\(status.reasons)")
    let printed = try gateway.thrum("page")
    #expect(printed.status == 1 && printed.text.contains("thrum status says what is wrong"), "\(printed.text)")
    #expect(rename(aside, key) == 0)
    #expect(gateway.eventually { $0.state == "healthy" } != nil)
    #expect(try ask("GET", "/", host: "127.0.0.1").status == 200)
  }

  @Test("without a certificate no address but loopback's is listened on: the configuration is refused, with what to do")
  func refused() throws {
    #expect(gateway.stop() == 0)
    try gateway.configure(Self.configuration(broker, port, certificate: false))
    let checked = try gateway.thrum("config", "check")
    #expect(
      checked.status != 0 && checked.text.contains("page.listen: expected") && checked.text.contains("ssh -L"), "\(checked.text)")
  }
}
