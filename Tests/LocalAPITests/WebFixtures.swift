import Contracts
import Glibc
import Synchronization
import TestSupport

@testable import LocalAPI

/// A real page on a port of its own, with `Echo` as the order that a viewer may not give.
final class TestPage: Sendable {
  let sessions: PageSessions
  let news: LiveNews
  let port: Int
  /// Orders that were carried out.
  let orders = Counter()
  /// Codes that let nobody in.
  let refused = Counter()
  private let isEncrypted: Bool
  private let task: Task<Void, Never>
  private let gate = AsyncStream<Void>.makeStream()

  final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
  }

  private struct Content: PageContent {
    func read(_ view: String, _ query: [String: String]) -> Result<[UInt8], CallProblem> {
      if view == "large" { return .success([UInt8](repeating: 32, count: 16 << 20)) }
      return view == "overview"
        ? .success(Array("{\"query\":\"\(query["q"] ?? "")\"}".utf8)) : .failure(.init(.notFound, view, "", reason: "no"))
    }
  }

  init(
    _ limits: WebServer.Limits = .init(), live: Int = 16, key: [UInt8] = PageSessions.randomKey(), names: [String] = [],
    identity: TLSIdentity? = nil
  ) throws {
    let roles = Roles(operatorGroup: "no-such-group", adminGroup: "no-such-either")
    var router = CallRouter(roles: roles)
    let orders = orders
    router.on(Echo.self) { call, caller in
      orders.add()
      return .success(.init(text: call.text, uid: caller.uid, role: caller.role))
    }
    sessions = PageSessions(key: key)
    news = LiveNews(limit: live)
    isEncrypted = identity != nil
    let refused = refused
    let site = PageSite(sessions: sessions, router: router, content: Content(), gateway: "gw-1") { _ in refused.add() }
    let server = WebServer(
      host: "127.0.0.1", port: 0, names: names, identity: identity, site: site, news: news, limits: limits)
    let listening = Mutex(0)
    let (stream, port) = (gate.stream, Box(listening))
    task = Task {
      try? await server.run(listening: { number in port.mutex.withLock { $0 = number } }) { for await _ in stream {} }
    }
    guard eventually({ port.mutex.withLock { $0 } != 0 }) else { throw TestSupportError("the page does not listen") }
    self.port = port.mutex.withLock { $0 }
  }

  private final class Box: Sendable {
    let mutex: Mutex<Int>
    init(_ mutex: consuming Mutex<Int>) { self.mutex = mutex }
  }

  deinit { gate.continuation.finish() }

  var host: String { "127.0.0.1:\(port)" }

  /// What a browser of this role sends with every request.
  func cookie(_ role: Role) throws -> (line: String, token: String) {
    let code = sessions.code(for: Caller(uid: 1000, name: "somebody", role: role))
    guard let cookie = sessions.begin(code: code), let session = sessions.session(cookie) else {
      throw TestSupportError("no session")
    }
    return ("Cookie: \(isEncrypted ? "__Host-" : "")thrum-\(port)=\(cookie)\r\n", session.token)
  }

  /// The whole answer; `nil` when none comes.
  func ask(_ text: String) throws -> String? {
    if isEncrypted { return try TLSConnection.ask(port, text).answer }
    let connection = try TCPConnection(port)
    connection.send(text)
    return connection.rest()
  }

  func get(_ path: String, _ headers: String = "") throws -> String? {
    try ask("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\(headers)\r\n")
  }

  func post(_ path: String, _ body: String, _ headers: String) throws -> String? {
    try ask("POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
  }

  /// As our own page sends it.
  var own: String {
    "Origin: http\(isEncrypted ? "s" : "")://\(host)\r\nContent-Type: application/json\r\nSec-Fetch-Site: same-origin\r\n"
  }
}

/// A loopback connection that says what it likes.
final class TCPConnection {
  private let descriptor: Int32

  init(_ port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard result == 0 else { throw TestSupportError("connect: \(String(cString: strerror(errno)))") }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  @discardableResult
  func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// Everything until the server closes; `nil` when it does not within 20 s.
  func rest() -> String? { read { _ in false } }

  /// Everything until `isEnough`.
  func read(until isEnough: (String) -> Bool) -> String? {
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &part, part.count, 0)
      if count < 0 { return errno == ECONNRESET ? String(decoding: all, as: UTF8.self) : nil }
      if count == 0 { return String(decoding: all, as: UTF8.self) }
      all += part.prefix(count)
      if isEnough(String(decoding: all, as: UTF8.self)) { return String(decoding: all, as: UTF8.self) }
    }
  }
}
