import Contracts
import TestSupport
import Testing

@testable import LocalAPI

/// The page's listener: who gets in, who may do what, and what bad visitors cannot do.
@Suite("The page") struct PageTests {
  private func status(_ answer: String?) -> String {
    guard let answer, answer.hasPrefix("HTTP/1.1 ") else { return answer ?? "no answer" }
    return String(answer.dropFirst(9).prefix(3))
  }

  @Test("its files are there for everybody, with a policy that loads and runs nothing else")
  func files() throws {
    let page = try TestPage()
    for path in ["/", "/page.js", "/plot.js", "/page.css", "/icon.svg"] {
      let answer = try #require(try page.get(path))
      #expect(status(answer) == "200", "\(path)")
      for line in [
        "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
        "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cache-Control: no-store",
      ] { #expect(answer.contains(line), "\(path): \(line)") }
      #expect(!answer.contains("http://") || path == "/icon.svg", "nothing is fetched from elsewhere")
    }
  }

  @Test("without a session nothing is shown and nothing done")
  func nobody() throws {
    let page = try TestPage()
    for path in ["/api/overview", "/api/who", "/api/live", "/api/alarms"] {
      #expect(status(try page.get(path)) == "401", "\(path)")
      #expect(status(try page.get(path, "Cookie: thrum-\(page.port)=e30=.AAAA\r\n")) == "401", "\(path)")
    }
    #expect(status(try page.post("/api/calls/echo", "{\"text\":\"a\"}", page.own)) == "401")
    #expect(page.orders.value == 0)
  }

  @Test("a code lets one browser in, once; what it gets is a cookie no script can read and no other site can send")
  func codes() throws {
    let page = try TestPage()
    let code = page.sessions.code(for: Caller(uid: 7, name: "anna", role: .operator))
    let answer = try #require(try page.post("/api/login", "{\"code\":\"\(code)\"}", page.own))
    #expect(status(answer) == "200")
    #expect(answer.contains("Set-Cookie: thrum-\(page.port)=") && answer.contains("; HttpOnly; SameSite=Strict"))
    #expect(status(try page.post("/api/login", "{\"code\":\"\(code)\"}", page.own)) == "403")
    #expect(status(try page.post("/api/login", "{\"code\":\"0000\"}", page.own)) == "403")
    let cookie = try #require(answer.split(separator: "Set-Cookie: ").last?.split(separator: ";").first)
    let who = try #require(try page.get("/api/who", "Cookie: \(cookie)\r\n"))
    #expect(who.contains("\"name\":\"anna\"") && who.contains("\"role\":\"operator\""))
  }

  @Test("wrong codes come one a second after the tenth, each is counted, and a right one is taken again a little later")
  func guessing() throws {
    let page = try TestPage()
    let guesses = try (0..<12).map { _ in status(try page.post("/api/login", "{\"code\":\"0000\"}", page.own)) }
    #expect(guesses.prefix(10).allSatisfy { $0 == "403" } && guesses.contains("429"))
    #expect(page.refused.value == 12)
    let code = page.sessions.code(for: Caller(uid: 7, name: "anna", role: .operator))
    #expect(eventually(within: 20) { status(try? page.post("/api/login", "{\"code\":\"\(code)\"}", page.own)) == "200" })
  }

  @Test(
    "a code is too old after five minutes, a session after twelve hours; a session outlives the process, not its key, and not its end"
  )
  func times() throws {
    let key = PageSessions.randomKey()
    let clock = TestPage.Counter()
    let sessions = PageSessions(key: key) { clock.value * 60 }
    let caller = Caller(uid: 7, name: "anna", role: .viewer)
    let code = sessions.code(for: caller)
    for _ in 0..<6 { clock.add() }
    #expect(sessions.begin(code: code) == nil)
    let cookie = try #require(sessions.begin(code: sessions.code(for: caller)))
    #expect(sessions.session(cookie)?.caller == caller)
    let anew = PageSessions(key: key) { clock.value * 60 }
    #expect(anew.session(cookie)?.caller == caller)
    #expect(anew.session(cookie)?.token == sessions.session(cookie)?.token)
    #expect(PageSessions(key: PageSessions.randomKey()) { 0 }.session(cookie) == nil)
    #expect(sessions.session("x" + cookie) == nil)
    anew.end(try #require(anew.session(cookie)))
    #expect(anew.session(cookie) == nil)
    for _ in 0..<(12 * 60 + 1) { clock.add() }
    #expect(sessions.session(cookie) == nil)
  }

  @Test("a viewer sees and cannot act; an operator can, by his own name")
  func roles() throws {
    let page = try TestPage()
    let viewer = try page.cookie(.viewer)
    #expect(try page.get("/api/overview?q=a%20b%2Fc", viewer.line)?.hasSuffix("{\"query\":\"a b/c\"}") == true)
    let refused = try #require(
      try page.post("/api/calls/echo", "{\"text\":\"a\"}", page.own + viewer.line + "X-Thrum-Token: \(viewer.token)\r\n"))
    #expect(status(refused) == "403" && refused.contains("viewer"))
    #expect(page.orders.value == 0)
    let one = try page.cookie(.operator)
    let done = try #require(
      try page.post("/api/calls/echo", "{\"text\":\"a\"}", page.own + one.line + "X-Thrum-Token: \(one.token)\r\n"))
    #expect(status(done) == "200" && done.contains("\"uid\":1000"))
    #expect(page.orders.value == 1)
    #expect(status(try page.post("/api/logout", "{}", page.own + one.line + "X-Thrum-Token: \(one.token)\r\n")) == "200")
    #expect(status(try page.get("/api/overview", one.line)) == "401")
  }

  @Test("what another site makes a logged-in browser send is refused, and nothing is done")
  func crossSite() throws {
    let page = try TestPage()
    let (cookie, token) = try page.cookie(.admin)
    let mark = "X-Thrum-Token: \(token)\r\n"
    let json = "Content-Type: application/json\r\n"
    let body = "{\"text\":\"a\"}"
    let cases = [
      ("another origin", "Origin: http://evil.example\r\n" + json + mark, "403"),
      ("another port's origin", "Origin: http://127.0.0.1:1\r\n" + json + mark, "403"),
      ("no origin", json + mark, "403"), ("origin null", "Origin: null\r\n" + json + mark, "403"),
      ("two origins", "Origin: http://\(page.host)\r\nOrigin: http://evil.example\r\n" + json + mark, "403"),
      ("a form", "Origin: http://\(page.host)\r\nContent-Type: text/plain\r\n" + mark, "415"),
      ("fetched by another site", "Origin: http://\(page.host)\r\nSec-Fetch-Site: cross-site\r\n" + json + mark, "403"),
      ("no token", page.own, "403"), ("a wrong token", page.own + "X-Thrum-Token: \(token.dropLast())0x\r\n", "403"),
    ]
    for (name, headers, wanted) in cases {
      #expect(status(try page.post("/api/calls/echo", body, headers + cookie)) == wanted, "\(name)")
    }
    #expect(page.orders.value == 0)
    #expect(status(try page.get("/api/overview", "Sec-Fetch-Site: cross-site\r\n" + cookie)) == "403")
  }

  @Test(
    "a name of somebody else's that points to this gateway is not answered (DNS rebinding)",
    arguments: [
      "evil.example", "evil.example:8473", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", "[::]", "gw-1", "",
    ])
  func rebinding(host: String) throws {
    let page = try TestPage()
    let cookie = try page.cookie(.admin).line
    #expect(status(try page.ask("GET /api/overview HTTP/1.1\r\nHost: \(host)\r\n\(cookie)\r\n")) == "421")
    #expect(status(try page.ask("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")) == "421")
  }

  @Test(
    "by the names of loopback, and by another port as ssh -L gives it, it is answered",
    arguments: ["localhost", "[::1]", "127.9.9.9"])
  func ownNames(name: String) throws {
    let page = try TestPage()
    #expect(status(try page.ask("GET / HTTP/1.1\r\nHost: \(name):9999\r\n\r\n")) == "200")
    #expect(status(try page.ask("GET / HTTP/1.1\r\nHost: \(name)\r\n\r\n")) == "200")
  }

  static let odd: [(name: String, text: String, statuses: [String])] = [
    ("a path that climbs", "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", ["404"]),
    ("a path that climbs, encoded", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", ["404"]),
    ("behind a file", "GET /page.css/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", ["404"]),
    ("a file of the disk", "GET //etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", ["404"]),
    ("a whole address", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", ["400"]),
    ("another method", "DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", ["405"]),
    ("trace", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", ["405"]),
    ("connect", "CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", ["405"]),
    ("no host", "GET / HTTP/1.1\r\n\r\n", ["421"]),
    ("two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", ["421"]),
    (
      "two lengths", "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}abc", ["400"]
    ),
    (
      "a length and chunks",
      "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ["400"]
    ),
    ("a folded header", "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", ["200", "400"]),
    ("a header's name with a space", "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", ["400"]),
    (
      "a header too long", "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 9000))\r\n\r\n",
      ["400", "431"]
    ),
    (
      "headers too many", "GET / HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "X: y\r\n", count: 100))\r\n", ["400", "431"]
    ),
    (
      "a body too long",
      "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n" + String(repeating: "x", count: 20_000),
      ["413"]
    ),
    ("no HTTP", "\u{1}\u{2}\u{3}\r\n\r\n", ["400"]),
  ]

  @Test("what is no request of a browser is refused, and the next visitor is served", arguments: odd.indices)
  func refused(index: Int) throws {
    let (name, text, statuses) = Self.odd[index]
    let page = try TestPage()
    let answer = try page.ask(text)
    #expect(statuses.contains(status(answer)), "\(name): \(answer ?? "nothing")")
    #expect(answer?.contains("root:") != true)
    #expect(status(try page.get("/")) == "200")
  }

  @Test("a second request behind the first is not looked at")
  func pipelined() throws {
    let page = try TestPage()
    let one = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    #expect(try page.ask(one + one)?.components("HTTP/1.1 200") == 1)
  }

  @Test("who sends a byte now and then is cut off when the time for a request is over")
  func slowLoris() throws {
    var limits = WebServer.Limits()
    limits.requestSeconds = 1
    let page = try TestPage(limits)
    let slow = try TCPConnection(page.port)
    slow.send("GET / HTTP/1.1\r\nX: ")
    #expect(eventually(within: 20) { !slow.send("a") })
    #expect(slow.rest()?.hasPrefix("HTTP/1.1 408 ") != false)
  }

  @Test("who asks and does not take the answer is let go of, and a thousand silent ones keep nobody out")
  func silent() throws {
    var limits = WebServer.Limits()
    limits.takeSeconds = 1
    let page = try TestPage(limits)
    let greedy = try TCPConnection(page.port)
    greedy.send("GET /plot.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
    var open: [TCPConnection] = []
    for _ in 0..<1000 {
      open.append(try TCPConnection(page.port))
      if open.count > 200 { open.removeFirst() }
    }
    #expect(status(try page.get("/")) == "200")
  }

  @Test("answers that nobody takes do not pile up: what is beyond the limit is refused, until who does not read is let go of")
  func untaken() throws {
    var limits = WebServer.Limits()
    (limits.takeSeconds, limits.waitingBytes) = (1, 24 << 20)
    let page = try TestPage(limits)
    let cookie = try page.cookie(.viewer).line
    let greedy = try TCPConnection(page.port)
    greedy.send("GET /api/large HTTP/1.1\r\nHost: \(page.host)\r\n\(cookie)\r\n")
    #expect(greedy.read { $0.contains("\r\n\r\n") }?.hasPrefix("HTTP/1.1 200") == true)
    #expect(status(try page.get("/api/large", cookie)) == "503")
    #expect(status(try page.get("/api/overview", cookie)) == "200")
    #expect(try eventually { status(try page.get("/api/large", cookie)) == "200" })
  }

  @Test("too many requests at once are told so, and later ones are answered again")
  func pace() throws {
    var limits = WebServer.Limits()
    limits.requestsPerSecond = 5
    let page = try TestPage(limits)
    let first = try (0..<30).map { _ in status(try page.get("/")) }
    #expect(first.contains("429") && first.first == "200")
    #expect(eventually { status(try? page.get("/")) == "200" })
  }

  @Test("an open page hears of changes, those beyond the limit of open pages do not, and a closed one makes room")
  func live() throws {
    let page = try TestPage(live: 1)
    let cookie = try page.cookie(.viewer).line
    let ask = "GET /api/live HTTP/1.1\r\nHost: \(page.host)\r\n\(cookie)\r\n"
    func listen() throws -> (TCPConnection, String?) {
      let connection = try TCPConnection(page.port)
      connection.send(ask)
      return (connection, connection.read { $0.contains("event: change") })
    }
    do {
      let (first, hello) = try listen()
      #expect(hello?.contains("text/event-stream") == true && hello?.contains("data: 0") == true)
      #expect(try page.ask(ask)?.contains("event: change") == false)
      page.news.tell()
      page.news.tell()
      #expect(first.read { $0.contains("data: 1") } != nil)
    }
    #expect(eventually { (try? listen())?.1?.contains("event: change") == true })
  }

  @Test("nothing but loopback is listened on, whatever it is told", arguments: ["0.0.0.0", "::", "192.168.1.1"])
  func loopbackOnly(host: String) async {
    struct Nothing: WebSite { func answer(_ request: WebRequest) async -> WebAnswer { .live } }
    let server = WebServer(host: host, port: 0, site: Nothing())
    let problem = await #expect(throws: CallProblem.self) { try await server.run {} }
    #expect(problem?.reason.contains("not a loopback address") == true)
  }
}

extension String {
  fileprivate func components(_ part: String) -> Int { split(separator: part, omittingEmptySubsequences: false).count - 1 }
}
