import TestSupport
import Testing

@testable import Agent

/// The datagrams of sd_notify(3), on a real socket.
@Suite struct SystemdNotifierTests {
  @Test("each message is one datagram")
  func messages() throws {
    let socket = try NotifySocket()
    let notifier = SystemdNotifier { ["NOTIFY_SOCKET": socket.path][$0] }
    notifier.ready()
    notifier.status("two\nlines")
    notifier.watchdog()
    notifier.stopping()
    #expect(socket.messages == ["READY=1", "STATUS=two lines", "WATCHDOG=1", "STOPPING=1"])
  }

  @Test("an address that begins with @ is an abstract one")
  func abstract() throws {
    let socket = try NotifySocket(isAbstract: true)
    #expect(socket.path.hasPrefix("@"))
    SystemdNotifier { ["NOTIFY_SOCKET": socket.path][$0] }.ready()
    #expect(socket.messages == ["READY=1"])
  }

  @Test("without systemd, and with an address that cannot be, nothing happens", arguments: [nil, "/nowhere/notify"] as [String?])
  func elsewhere(path: String?) {
    SystemdNotifier { $0 == "NOTIFY_SOCKET" ? path : nil }.ready()
    SystemdNotifier { $0 == "NOTIFY_SOCKET" ? String(repeating: "x", count: 200) : nil }.ready()
  }

  @Test("the watchdog is fed twice as often as systemd asks for", arguments: [("3000000", 1.5), (nil, nil), ("nonsense", nil)])
  func interval(microseconds: String?, seconds: Double?) {
    #expect(SystemdNotifier { $0 == "WATCHDOG_USEC" ? microseconds : nil }.watchdogIntervalSeconds == seconds)
  }
}
