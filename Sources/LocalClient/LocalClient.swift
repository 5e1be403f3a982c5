import Contracts

/// Asks the daemon on its Unix socket. Plain POSIX, one request a connection: a command that asks once needs no event loop, and does
/// not carry one (docs/decisions/local-api.md).
package struct LocalClient {
  private let path: String

  package init(socket path: String) { self.path = path }

  /// - Throws: what the daemon answered, or `unavailable` when it does not run or cannot be reached.
  package func ask<C: Call>(_ call: C) throws(CallProblem) -> C.Reply {
    let connection = try UnixConnection(path, operation: C.name)
    let body = JSON.encode(call)
    let head =
      "POST \(CallPath.prefix)\(C.name) HTTP/1.1\r\nHost: thrum\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    try connection.send(Array(head.utf8) + body)
    let (status, reply) = try Self.parts(of: try connection.receive(), C.name, path)
    do throws(JSONError) {
      if status == 200 { return try JSON.decode(C.Reply.self, from: reply) }
    } catch { throw Self.unreadable(C.name, path, "\(error)") }
    guard let problem = try? JSON.decode(CallProblem.self, from: reply) else {
      throw Self.unreadable(C.name, path, "status \(status)")
    }
    throw problem
  }

  /// Status and body of what our own daemon answers: always with a length, never in chunks, closed at its end.
  static func parts(of bytes: [UInt8], _ operation: String, _ path: String) throws(CallProblem) -> (Int, ArraySlice<UInt8>) {
    let end = Array("\r\n\r\n".utf8)
    let start = bytes.indices.dropLast(3).first { bytes[$0...].starts(with: end) }
    let words = String(decoding: bytes.prefix(64), as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard let start, words.count == 3, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw unreadable(operation, path, "no answer of thrumd")
    }
    return (status, bytes[(start + 4)...])
  }

  private static func unreadable(_ operation: String, _ path: String, _ reason: String) -> CallProblem {
    CallProblem(
      .unavailable, operation, path, reason: "the answer cannot be read: \(reason)",
      remedy: "are thrum and thrumd of the same version?")
  }
}
