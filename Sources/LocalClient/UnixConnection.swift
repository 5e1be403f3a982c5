import Contracts
import Glibc

/// One connection to a Unix socket, blocking, with time limits.
struct UnixConnection: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private let operation: String

  init(_ path: String, operation: String) throws(CallProblem) {
    self.path = path
    self.operation = operation
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Self.problem(operation, path, errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room else { throw Self.problem(operation, path, ENAMETOOLONG) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    limit(SO_SNDTIMEO, seconds: 5)
    limit(SO_RCVTIMEO, seconds: Self.answerSeconds)
    let result = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    guard result == 0 else { throw Self.problem(operation, path, errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func send(_ bytes: [UInt8]) throws(CallProblem) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 || errno == EINTR else { throw Self.problem(operation, path, errno) }
      sent += max(0, count)
    }
  }

  /// Everything until the other side closes.
  func receive() throws(CallProblem) -> [UInt8] {
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = part.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count == 0 { return all }
      guard count > 0 || errno == EINTR, all.count < Self.longestAnswer else {
        throw count > 0 ? Self.problem(operation, path, EMSGSIZE) : Self.problem(operation, path, errno)
      }
      all += part.prefix(max(0, count))
    }
  }

  private func limit(_ option: Int32, seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  private static func problem(_ operation: String, _ path: String, _ code: Int32) -> CallProblem {
    switch code {
    case ENOENT, ECONNREFUSED:
      CallProblem(
        .unavailable, operation, "", reason: "thrumd does not run: nobody listens on \(path)",
        remedy: "start it (systemctl start thrumd); what changes a gateway, and the page, need its daemon")
    case EACCES, EPERM:
      CallProblem(
        .forbidden, operation, "", reason: "you may not use \(path)",
        remedy: "adduser \(user) thrum, then log in again; or ask as root")
    case EAGAIN:
      CallProblem(
        .unavailable, operation, "", reason: "thrumd does not answer within \(answerSeconds) s",
        remedy: "thrum doctor says what is wrong")
    default: CallProblem(.unavailable, operation, path, reason: String(cString: strerror(code)))
    }
  }

  private static var user: String { getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "NAME" }

  /// Longer than the daemon tries.
  private static let answerSeconds = 35
  private static let longestAnswer = 1 << 20
}
