/// A unit as systemd knows it.
struct SystemdUnit {
  let name: String
  private let properties: [Substring: Substring]

  /// The unit that the Debian layout runs on a state folder; `nil` for a folder of somebody's own.
  static func name(ofStateFolder folder: String) -> String? {
    if folder == "/var/lib/thrum" { return "thrumd.service" }
    guard folder.hasPrefix("/var/lib/thrum-") else { return nil }
    let instance = folder.dropFirst("/var/lib/thrum-".count)
    return isPlain(instance) ? "thrumd@\(instance).service" : nil
  }

  /// `nil` where there is no systemd, or no such unit.
  init?(asking name: String) {
    guard Self.isPlain(name[...]) else { return nil }
    let wanted =
      "LoadState,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,NRestarts,MainPID,UnitFileState,WatchdogUSec,User"
    guard let answer = printed(by: "systemctl show '\(name)' -p \(wanted)") else { return nil }
    let pairs = answer.split(separator: "\n").compactMap { (line: Substring) -> (Substring, Substring)? in
      line.firstIndex(of: "=").map { (line[..<$0], line[line.index(after: $0)...]) }
    }
    properties = Dictionary(pairs) { $1 }
    guard properties["LoadState"] == "loaded" else { return nil }
    self.name = name
  }

  subscript(_ key: Substring) -> String? { properties[key].map(String.init) }

  var isEnabled: Bool { self["UnitFileState"] == "enabled" }
  var isActive: Bool { self["ActiveState"] == "active" }
  var restarts: Int { self["NRestarts"].flatMap { Int($0) } ?? 0 }
  var mainPID: Int32? { self["MainPID"].flatMap { Int32($0) }.flatMap { $0 == 0 ? nil : $0 } }

  /// How its process ended last, in words; `nil` when nothing is known against it.
  var end: String? {
    let status = self["ExecMainStatus"] ?? "?"
    return switch self["Result"] {
    case "success" where !isActive: "it was told to stop and ended in good order"
    case "watchdog": "systemd ended it: its loop had not turned for the watchdog's time"
    case "oom-kill": "the kernel killed it: out of memory"
    case "timeout": "systemd ended it: start or stop took too long"
    case "start-limit-hit": "it ended too often in too short a time"
    case "exit-code" where status == "2": "its configuration is refused (exit code 2)"
    case "exit-code": "it ended with exit code \(status)"
    case "signal", "core-dump": "it was ended by signal \(status)" + (status == "9" ? " (SIGKILL)" : "")
    default: nil
    }
  }

  /// The last lines of its journal that are warnings or worse.
  var lastWords: [String] {
    let text = printed(by: "journalctl -q -u '\(name)' -p warning -n 3 -o cat --no-pager") ?? ""
    return text.split(separator: "\n").suffix(3).map { String($0.prefix(200)) }
  }

  private static func isPlain(_ name: Substring) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "-_.@".utf8.contains(byte)
      }
  }
}
