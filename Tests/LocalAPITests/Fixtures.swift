import Contracts
import Glibc
import LocalClient
import Synchronization
import TestSupport

@testable import LocalAPI

/// A call of the tests: answers with what it was given, and by whom.
struct Echo: Call {
  static let name = "echo"
  struct Reply: Codable, Sendable, Equatable {
    var text: String
    var uid: UInt32
    var role: Role
  }
  var text: String

  func check() throws(CallProblem) {
    if text == "nonsense" { throw CallProblem(.invalid, Self.name, text, reason: "nonsense") }
  }
}

/// A real server on a real socket, answering `Echo` and `Forbidden`.
final class EchoServer: Sendable {
  let folder: TemporaryFolder
  var path: String { folder.path("thrum.sock") }
  private let task: Task<CallProblem?, Never>
  private let gate = AsyncStream<Void>.makeStream()

  init(_ limits: LocalServer.Limits = .init(), roles: Roles = .init(operatorGroup: "no-such-group", adminGroup: "no-such-either"))
    throws
  {
    folder = try TemporaryFolder()
    var router = CallRouter(roles: roles)
    router.on(Echo.self) { call, caller in .success(.init(text: call.text, uid: caller.uid, role: caller.role)) }
    router.on(TooLate.self) { _, _ in
      try? await Task.sleep(for: .seconds(5))
      return .success(.init())
    }
    router.on(Conflict.self) { _, _ in .failure(CallProblem(.conflict, "conflict", "it", reason: "so it is", remedy: "wait")) }
    let server = LocalServer(path: folder.path("thrum.sock"), roles: roles, router: router, limits: limits)
    let stream = gate.stream
    task = Task {
      do throws(CallProblem) {
        try await server.run { for await _ in stream {} }
        return nil
      } catch { return error }
    }
    let socket = path
    guard eventually({ (try? LocalClient(socket: socket).ask(Echo(text: "up"))) != nil }) else {
      throw TestSupportError("the server does not answer")
    }
  }

  func ask(_ text: String) throws -> Echo.Reply { try LocalClient(socket: path).ask(Echo(text: text)) }

  func stop() async -> CallProblem? {
    gate.continuation.finish()
    return await task.value
  }

  deinit { gate.continuation.finish() }
}

struct Conflict: Call {
  static let name = "conflict"
  static let allowed = Set(Role.allCases)
  struct Reply: Codable, Sendable {}
}

/// Answered long after the server has lost patience.
struct TooLate: Call {
  static let name = "too-late"
  struct Reply: Codable, Sendable {}
}

/// A Unix socket that says what it likes.
final class RawConnection {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
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
  func rest() -> String? {
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &part, part.count, 0)
      if count < 0 { return errno == ECONNRESET ? String(decoding: all, as: UTF8.self) : nil }
      if count == 0 { return String(decoding: all, as: UTF8.self) }
      all += part.prefix(count)
    }
  }
}
