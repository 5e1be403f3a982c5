import Glibc

/// What systemd listens on: a datagram socket that keeps every message.
package final class NotifySocket {
  package let path: String
  private let folder: TemporaryFolder
  private let descriptor: Int32
  private var heard: [String] = []

  /// - Parameter isAbstract: an address that is no file; its path begins with @.
  package init(isAbstract: Bool = false) throws {
    folder = try TemporaryFolder()
    path = (isAbstract ? "@" : "") + folder.path("notify")
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    if isAbstract { name[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sa_family_t>.size + name.count))
      }
    }
    guard bound == 0 else { throw TestSupportError("bind a datagram socket: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// Every message so far, in order.
  package var messages: [String] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      guard count >= 0 else { return heard }
      heard.append(String(decoding: buffer.prefix(count), as: UTF8.self))
    }
  }

  /// Waits for a message.
  package func hears(_ wanted: (String) -> Bool) -> Bool { eventually(within: 30) { messages.contains(where: wanted) } }
}
