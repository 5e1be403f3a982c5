import Foundation
import Glibc
import Synchronization

/// What systemd listens on: a datagram socket, read all the time as systemd does (whoever sends into a full one is held), that keeps every
/// message.
package final class NotifySocket {
  package let path: String
  private let folder: TemporaryFolder
  private let descriptor: Int32
  private let heard = Heard()

  private final class Heard: Sendable {
    private let messages = Mutex<[String]>([])

    /// With what lies in the socket now.
    func take(from descriptor: Int32) -> [String] {
      messages.withLock { messages in
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count > 0 {
          messages.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
        return messages
      }
    }
  }

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
    listen()
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  /// Every message so far, in order.
  package var messages: [String] { heard.take(from: descriptor) }

  private func listen() {
    let (own, heard) = (dup(descriptor), heard)
    Thread.detachNewThread {
      while true {
        var events = pollfd(fd: own, events: Int16(POLLIN), revents: 0)
        guard poll(&events, 1, -1) > 0, events.revents == Int16(POLLIN) else { break }
        _ = heard.take(from: own)
      }
      close(own)
    }
  }

  /// Waits for a message.
  package func hears(_ wanted: (String) -> Bool) -> Bool { eventually(within: 30) { messages.contains(where: wanted) } }
}
