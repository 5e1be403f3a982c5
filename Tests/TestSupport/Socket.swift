import Glibc

/// A blocking TCP socket, on the loopback interface unless it is told otherwise.
package final class Socket: @unchecked Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }
  deinit { Glibc.close(descriptor) }

  /// - Parameter address: IPv4, of this machine.
  package convenience init(connectingTo port: UInt16, at address: String = "127.0.0.1") throws {
    self.init(descriptor: try Self.open())
    guard withLoopback(port, { Glibc.connect(descriptor, $0, $1) }, at: address) == 0 else {
      throw failure("connect to port \(port)")
    }
  }

  /// Listens; port 0 lets the system choose. With a backlog of 0 the system takes one connection and lets the next ones hang.
  package convenience init(listeningOn port: UInt16, backlog: Int32 = 16) throws {
    self.init(descriptor: try Self.open())
    guard withLoopback(port, { Glibc.bind(descriptor, $0, $1) }) == 0, listen(descriptor, backlog) == 0 else {
      throw failure("listen on port \(port)")
    }
  }

  private static func open() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure("open a socket") }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    return descriptor
  }

  package func accept() throws -> Socket {
    let accepted = Glibc.accept(descriptor, nil, nil)
    guard accepted >= 0 else { throw failure("accept") }
    return Socket(descriptor: accepted)
  }

  /// Ends both directions: a thread that blocks in `accept` or `receive` returns.
  package func shutDown() { Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

  package var port: UInt16 {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutableBytes(of: &address) {
      getsockname(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    return UInt16(bigEndian: address.sin_port)
  }

  package func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw failure("send") }
      sent += count
    }
  }

  /// Exactly `count` bytes; nil when the other side has closed.
  package func receive(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var received = 0
    while received < count {
      let got = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress?.advanced(by: received), count - received, 0) }
      if got <= 0 { return nil }
      received += got
    }
    return bytes
  }
}

/// A loopback port that was free a moment ago.
package func freePort() throws -> UInt16 { try Socket(listeningOn: 0).port }

private func failure(_ what: String) -> TestSupportError { TestSupportError("\(what): \(String(cString: strerror(errno)))") }

private func withLoopback<R>(
  _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R, at host: String = "127.0.0.1"
) -> R {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  inet_pton(AF_INET, host, &address.sin_addr)
  return withUnsafePointer(to: address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}
