import Contracts
import Foundation
import LocalClient
import TestSupport
import Testing

@testable import LocalAPI

/// The local socket: who gets in, and what bad callers cannot do to good ones.
@Suite struct LocalServerTests {
  @Test("a call is answered, and the server knows who asked")
  func answered() throws {
    let server = try EchoServer()
    let reply = try server.ask("häß \"lich\"\n")
    #expect(reply == .init(text: "häß \"lich\"\n", uid: getuid(), role: .admin))
  }

  @Test("a problem arrives as it was thrown, with its remedy")
  func problems() throws {
    let server = try EchoServer()
    let problem = #expect(throws: CallProblem.self) { try LocalClient(socket: server.path).ask(Conflict()) }
    #expect(problem?.kind == .conflict)
    #expect(problem?.description == "conflict it: so it is; wait")
    #expect(throws: CallProblem(.invalid, "echo", "nonsense", reason: "nonsense")) { try server.ask("nonsense") }
  }

  @Test("without a daemon the client says so, and what to do")
  func nobody() throws {
    let folder = try TemporaryFolder()
    let problem = #expect(throws: CallProblem.self) { try LocalClient(socket: folder.path("none")).ask(Echo(text: "")) }
    #expect(problem?.description.contains("thrumd does not run") == true)
    #expect(problem?.description.contains("systemctl start thrumd") == true)
  }

  static let requests: [(name: String, text: String, status: String)] = [
    ("another path", "GET / HTTP/1.1\r\n\r\n", "404"),
    ("a path that climbs", "POST /v1/calls/../../etc/passwd HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "404"),
    ("a call that is not there", "POST /v1/calls/nothing HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", "404"),
    ("another method", "GET /v1/calls/echo HTTP/1.1\r\n\r\n", "405"),
    ("no JSON", "POST /v1/calls/echo HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "400"),
    ("a missing key", "POST /v1/calls/echo HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", "400"),
    (
      "JSON as deep as it gets",
      "POST /v1/calls/echo HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + String(repeating: "[", count: 60_000), "400"
    ),
    ("no HTTP", "\u{1}\u{2}\u{3}\r\n\r\n", "400"),
    ("two lengths", "POST /v1/calls/echo HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}abc", "400"),
    (
      "a length and chunks",
      "POST /v1/calls/echo HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"
    ),
    ("a header too long", "GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 9000))\r\n\r\n", "400"),
    (
      "a body too long",
      "POST /v1/calls/echo HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + String(repeating: "x", count: 70_000), "413"
    ),
  ]

  @Test("what is no call is refused by its status, and the next caller is served", arguments: requests.indices)
  func refused(index: Int) throws {
    let (name, text, status) = Self.requests[index]
    let server = try EchoServer()
    let bad = try RawConnection(server.path)
    bad.send(text)
    let answer = try #require(bad.rest())
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(name): \(answer)")
    #expect(try server.ask("still here").text == "still here")
  }

  @Test("who leaves before the answer harms nobody")
  func leaves() throws {
    let server = try EchoServer()
    for _ in 0..<50 {
      try RawConnection(server.path).send("POST /v1/calls/echo HTTP/1.1\r\nContent-Length: 12\r\n\r\n{\"text\":\"a\"}")
    }
    #expect(try server.ask("still here").text == "still here")
  }

  @Test("a second request behind the first is not looked at")
  func pipelined() throws {
    let server = try EchoServer()
    let one = "POST /v1/calls/echo HTTP/1.1\r\nContent-Length: 12\r\n\r\n{\"text\":\"a\"}"
    let connection = try RawConnection(server.path)
    connection.send(one + one)
    #expect(connection.rest()?.components(separatedBy: "HTTP/1.1 200").count == 2)
  }

  @Test("who sends a byte now and then is cut off when the time for a call is over")
  func slowLoris() throws {
    var limits = LocalServer.Limits()
    limits.requestSeconds = 1
    let server = try EchoServer(limits)
    let slow = try RawConnection(server.path)
    slow.send("POST /v1/calls/echo HTTP/1.1\r\nX: ")
    #expect(eventually(within: 20) { !slow.send("a") })
    #expect(slow.rest()?.hasPrefix("HTTP/1.1 408 ") != false)
  }

  @Test("who asks what takes too long is told that it is still tried, and others are served meanwhile")
  func patience() throws {
    var limits = LocalServer.Limits()
    limits.replySeconds = 1
    let server = try EchoServer(limits)
    let problem = #expect(throws: CallProblem.self) { try LocalClient(socket: server.path).ask(TooLate()) }
    #expect(problem?.kind == .unavailable)
    #expect(problem?.reason.contains("still tried") == true)
    #expect(try server.ask("others").text == "others")
  }

  @Test("a thousand silent connections do not keep a caller out")
  func flood() throws {
    let server = try EchoServer()
    var silent: [RawConnection] = []
    for number in 0..<1000 {
      silent.append(try RawConnection(server.path))
      if number.isMultiple(of: 100) { #expect(try server.ask("\(number)").text == "\(number)") }
      // This process may have a thousand files open, the server and the tests beside it among them.
      if silent.count > 300 { silent.removeFirst() }
    }
    #expect(try server.ask("after").text == "after")
  }

  @Test("a socket left by a killed daemon is taken over, one that is in use and one that is no socket are not")
  func leftovers() async throws {
    let server = try EchoServer()
    let router = CallRouter(roles: Roles(operatorGroup: "x", adminGroup: "x"))
    func second(at path: String) async -> CallProblem? {
      let server = LocalServer(path: path, roles: Roles(operatorGroup: "x", adminGroup: "x"), router: router)
      do throws(CallProblem) {
        try await server.run {}
        return nil
      } catch { return error }
    }
    #expect(await second(at: server.path)?.reason == "another process listens on it")
    #expect(try server.ask("mine").text == "mine")
    let file = try server.folder.write("precious", to: "file")
    #expect(await second(at: file)?.reason == "there is another file")
    #expect(try contents(ofFile: file) == "precious")
    let left = server.folder.path("left")
    try abandonSocket(at: left)
    #expect(await second(at: left) == nil)
    #expect(access(left, F_OK) != 0, "and it is taken away at the end")
    #expect(await second(at: server.folder.path(String(repeating: "x", count: 120)))?.remedy?.contains("THRUM_SOCKET") == true)
    #expect(await server.stop() == nil)
  }

  private func abandonSocket(at path: String) throws {
    try run(["python3", "-c", "import socket; socket.socket(socket.AF_UNIX).bind('\(path)')"])
  }

  @Test("where neither group exists the socket is for owner and group, else the role decides")
  func modes() {
    #expect(Roles(operatorGroup: "no-such-group", adminGroup: "no-such-group").socketMode == 0o660)
    #expect(Roles(operatorGroup: "daemon", adminGroup: "no-such-group").socketMode == 0o666)
  }

  @Test("roles by group: admin before operator before viewer; root and the daemon's own user are admin")
  func roles() throws {
    let roles = Roles(operatorGroup: "daemon", adminGroup: "bin")
    let (daemon, bin) = (try #require(Accounts.groupID("daemon")), try #require(Accounts.groupID("bin")))
    #expect(roles.caller(uid: 65_534, groups: []).role == .viewer)
    #expect(roles.caller(uid: 65_534, groups: [daemon]).role == .operator)
    #expect(roles.caller(uid: 65_534, groups: [daemon, bin]).role == .admin)
    #expect(roles.caller(uid: 0, groups: []).role == .admin)
    #expect(roles.caller(uid: getuid(), groups: []).role == .admin)
    #expect(roles.caller(uid: 0, groups: []).name == "root")
    #expect(roles.caller(uid: 4_000_000, groups: []).name == "uid 4000000")
  }
}
