import Glibc

/// Tells systemd how the daemon is (`sd_notify`, systemd's documented datagram protocol); does nothing elsewhere.
struct SystemdNotifier: Sendable {
  private let socketPath: String?
  /// Half of `WatchdogSec`, as systemd advises; `nil` when it expects nothing.
  let watchdogIntervalSeconds: Double?
  /// The process ends its work only to begin anew: no stop to systemd.
  private let isReloading = StopFlag()

  init(environment: (String) -> String? = Self.variable) {
    socketPath = environment("NOTIFY_SOCKET")
    watchdogIntervalSeconds = environment("WATCHDOG_USEC").flatMap(Double.init).map { $0 / 2e6 }
  }

  func ready() { send("READY=1") }
  func status(_ text: String) { send("STATUS=\(text.replacing("\n", with: " "))") }
  func watchdog() { send("WATCHDOG=1") }
  func stopping() {
    if !isReloading.isSet { send("STOPPING=1") }
  }

  /// Until the next `ready` (sd_notify(3)).
  func reloading() {
    isReloading.set()
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
  }

  private func send(_ message: String) {
    guard let socketPath else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(socketPath.utf8)
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    if path.first == UInt8(ascii: "@") { path[0] = 0 }  // abstract namespace
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let bytes = Array(message.utf8)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { sendto(descriptor, bytes, bytes.count, 0, $0, length) }
    }
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
