import Contracts
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import LocalAPI

/// The page with a certificate: what a network may meet.
@Suite("The page with TLS") struct TLSPageTests {
  /// A certificate with its key that can be replaced, and what was said of it.
  private final class Files: Sendable {
    let folder: TemporaryFolder
    let told = Mutex<[CallProblem?]>([])
    var cert: String { folder.path("page.pem") }
    var key: String { folder.path("page.key") }

    init() throws {
      folder = try TemporaryFolder()
      try make()
    }

    func make(_ name: String = "page", options: [String] = ["-nodes"]) throws {
      try makeCertificate(name, in: folder, options: options)
    }

    var identity: TLSIdentity {
      TLSIdentity(certFile: cert, keyFile: key) { [self] problem in told.withLock { $0.append(problem) } }
    }
  }

  private func status(_ answer: String?) -> String {
    guard let answer, answer.hasPrefix("HTTP/1.1 ") else { return answer ?? "no answer" }
    return String(answer.dropFirst(9).prefix(3))
  }

  @Test(
    "a code gives a cookie that goes over TLS alone; without it nothing of the gateway is shown, and orders come from https only")
  func session() throws {
    let page = try TestPage(identity: Files().identity)
    #expect(status(try page.get("/")) == "200")
    for path in ["/api/overview", "/api/who", "/api/live", "/api/alarms"] {
      #expect(status(try page.get(path)) == "401", "\(path)")
    }
    let code = page.sessions.code(for: Caller(uid: 7, name: "anna", role: .operator))
    let answer = try #require(try page.post("/api/login", "{\"code\":\"\(code)\"}", page.own))
    #expect(
      answer.contains("Set-Cookie: __Host-thrum-\(page.port)=") && answer.contains("; HttpOnly; SameSite=Strict; Secure\r\n"))
    let one = try page.cookie(.operator)
    let order = page.own + one.line + "X-Thrum-Token: \(one.token)\r\n"
    #expect(status(try page.post("/api/calls/echo", "{\"text\":\"a\"}", order)) == "200")
    let plain = order.replacing("https://", with: "http://")
    #expect(status(try page.post("/api/calls/echo", "{\"text\":\"a\"}", plain)) == "403")
    #expect(page.orders.value == 1)
  }

  @Test("who speaks no TLS gets not one line, and the next visitor is served")
  func plain() throws {
    let page = try TestPage(identity: Files().identity)
    let connection = try TCPConnection(page.port)
    connection.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    #expect(connection.rest()?.contains("HTTP") == false)
    #expect(status(try page.get("/")) == "200")
  }

  @Test("it answers to its names, to the address it was asked at and to loopback's, and to no other (DNS rebinding)")
  func names() throws {
    let page = try TestPage(names: ["gw-1.plant.example", "10.0.0.5", "fd00::5"], identity: Files().identity)
    for host in ["gw-1.plant.example", "GW-1.plant.example:8473", "10.0.0.5:1", "[fd00::5]:8473", "127.0.0.1", "localhost:8473"] {
      #expect(status(try page.ask("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")) == "200", "\(host)")
    }
    for host in ["evil.example", "gw-1", "gw-1.plant.example.evil", "10.0.0.6", "fd00::5", "0.0.0.0", "gw-1.plant.example:x", ""]
    {
      #expect(status(try page.ask("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")) == "421", "\(host)")
    }
  }

  @Test("TLS 1.2 and 1.3 with forward secrecy and AEAD, and nothing older or weaker")
  func versions() throws {
    let page = try TestPage(identity: Files().identity)
    let text = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for good in [["-tls1_2"], ["-tls1_3"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"]] {
      #expect(status(try TLSConnection.ask(page.port, text, good).answer) == "200", "\(good)")
    }
    for bad in [
      ["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"], ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
      ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], ["-tls1_2", "-cipher", "AES128-SHA:AES128-GCM-SHA256"],
    ] {
      let (answer, told) = try TLSConnection.ask(page.port, text, bad)
      #expect(answer == "" && told.contains("alert"), "\(bad): \(told)")
    }
  }

  @Test("a handshake that does not come to its end is cut off when the time for a request is over, also one that drips")
  func slowHandshake() throws {
    var limits = WebServer.Limits()
    limits.requestSeconds = 1
    let page = try TestPage(limits, identity: Files().identity)
    let (silent, drips) = (try TCPConnection(page.port), try TCPConnection(page.port))
    drips.send("\u{16}\u{3}\u{1}\u{1}\u{0}\u{1}")
    #expect(eventually(within: 20) { !drips.send("\u{0}") })
    #expect(silent.rest() == "")
    #expect(status(try page.get("/")) == "200")
  }

  @Test("the limits of a request hold within TLS: too much is not read, a second request is not looked at")
  func bounds() throws {
    let page = try TestPage(identity: Files().identity)
    let long = "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 9000))\r\n\r\n"
    #expect(["400", "431"].contains(status(try page.ask(long))))
    let one = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    let answers = try #require(try page.ask(one + one)).split(separator: "HTTP/1.1 200", omittingEmptySubsequences: false)
    #expect(answers.count == 2)
    let endless = one + String(repeating: "x", count: 1 << 20)
    _ = try page.ask(endless)
    #expect(status(try page.get("/")) == "200")
  }

  @Test("a replaced certificate is used without a restart; a pair that does not fit leaves the one before, until it is mended")
  func replaced() throws {
    let files = try Files()
    let identity = files.identity
    var limits = WebServer.Limits()
    limits.lookSeconds = 1
    let page = try TestPage(limits, identity: identity)
    let first = try #require(identity.fingerprint)
    #expect(try TLSConnection.fingerprint(page.port) == first)
    try files.make()
    #expect(eventually(within: 20) { identity.fingerprint != first && files.told.withLock { $0.count } == 1 })
    let second = try #require(identity.fingerprint)
    #expect(try TLSConnection.fingerprint(page.port) == second)
    try files.make("other")
    #expect(rename(files.folder.path("other.key"), files.key) == 0)
    #expect(eventually(within: 20) { files.told.withLock { $0.last??.reason.contains("not the key of") } == true })
    #expect(try TLSConnection.fingerprint(page.port) == second && identity.fingerprint == second)
    #expect(rename(files.folder.path("other.pem"), files.cert) == 0)
    #expect(eventually(within: 20) { files.told.withLock { $0.count == 3 && $0[2] == nil } })
    #expect(try TLSConnection.fingerprint(page.port) != second)
  }

  @Test("files that cannot be used are named, with the reason and what to do, and nothing listens")
  func refusedFiles() async throws {
    let files = try Files()
    try files.make("other")
    try files.make("locked", options: ["-passout", "pass:secret"])
    chmod(try files.folder.write("hello\n", to: "none"), 0o600)
    try files.make("open")
    chmod(files.folder.path("open.key"), 0o644)
    let cases: [(cert: String, key: String, reason: String, remedy: String)] = [
      ("missing.pem", "page.key", "No such file", "correct its path"),
      ("page.pem", "missing.key", "No such file", "LoadCredential"),
      ("none", "page.key", "no certificate in PEM", "BEGIN CERTIFICATE"),
      ("page.pem", "none", "no private key in PEM", "openssl pkey"),
      ("page.pem", "locked.key", "without a passphrase", "openssl pkey"), ("page.pem", "other.key", "not the key of", "one pair"),
      ("page.pem", "open.key", "everybody on this gateway", "chmod 0640"), (".", "page.key", "no file", "correct its path"),
    ]
    for (cert, key, reason, remedy) in cases {
      let identity = TLSIdentity(certFile: files.folder.path(cert), keyFile: files.folder.path(key))
      let problem = await problem(identity)
      #expect(
        problem?.reason.contains(reason) == true && problem?.remedy?.contains(remedy) == true,
        "\(cert), \(key): \(String(describing: problem))")
    }
  }

  private func problem(_ identity: TLSIdentity) async -> CallProblem? {
    struct Nothing: WebSite { func answer(_ request: WebRequest) async -> WebAnswer { .live } }
    let server = WebServer(host: "127.0.0.1", port: 0, identity: identity, site: Nothing())
    do throws(CallProblem) {
      try await server.run {}
      return nil
    } catch { return error }
  }
}
