import Glibc
import ModelPackages

/// As much of HTTP/1.0 as a test server on this machine needs: one GET per connection, read to its end.
enum HTTP {
  /// - Returns: up to `maxBytes` + 1 bytes of the body; `nil` for 403 and 404.
  static func get(_ base: String, _ path: String, maxBytes: Int) throws(TrustError) -> [UInt8]? {
    let url = base.hasSuffix("/") ? base + path : "\(base)/\(path)"
    let parts = url.dropFirst("http://".count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let host = parts.first?.split(separator: ":") ?? []
    guard url.hasPrefix("http://"), parts.count == 2, host.count == 2, let port = UInt16(host[1]) else {
      throw TrustError(.malformed, "fetch", url, "expected http://ADDRESS:PORT/PATH")
    }
    let socket = try connected(String(host[0]), port, url)
    defer { close(socket) }
    let request = Array("GET /\(parts[1]) HTTP/1.0\r\nHost: \(parts[0])\r\n\r\n".utf8)
    guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { throw failure(url) }
    return try body(of: response(socket, url, maxBytes: maxBytes + maxHeaderBytes), url, maxBytes)
  }

  private static let maxHeaderBytes = 8192

  private static func connected(_ address: String, _ port: UInt16, _ url: String) throws(TrustError) -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = inet_addr(address)
    let result = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard result == 0 else {
      close(socket)
      throw failure(url)
    }
    return socket
  }

  private static func response(_ socket: Int32, _ url: String, maxBytes: Int) throws(TrustError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count <= maxBytes {
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count >= 0 else { throw failure(url) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func body(of response: [UInt8], _ url: String, _ maxBytes: Int) throws(TrustError) -> [UInt8]? {
    let end = Array("\r\n\r\n".utf8)
    let status = String(decoding: response.prefix(12).suffix(3), as: UTF8.self)
    if ["403", "404"].contains(status) { return nil }
    guard status == "200", let start = response.indices.first(where: { response[$0...].starts(with: end) }) else {
      throw TrustError(.unreachable, "fetch", url, "status \(status)")
    }
    return Array(response[(start + end.count)...].prefix(maxBytes + 1))
  }

  private static func failure(_ url: String) -> TrustError {
    TrustError(.unreachable, "fetch", url, String(cString: strerror(errno)))
  }
}
