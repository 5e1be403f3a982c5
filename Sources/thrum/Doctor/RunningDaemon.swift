import Configuration
import Glibc

/// A thrumd that runs on this machine, whoever started it.
struct RunningDaemon {
  let pid: Int32
  private let configFile: String

  /// Those whose arguments and environment may be read.
  static func all() -> [RunningDaemon] {
    let own = SystemFiles(root: "")
    return own.list("/proc").compactMap { path in
      guard let pid = Int32(path.dropFirst("/proc/".count)), own.text("\(path)/comm") == "thrumd\n" else { return nil }
      guard let arguments = words(own, "\(path)/cmdline"), let environment = words(own, "\(path)/environ") else { return nil }
      let named = arguments.firstIndex(of: "--config").flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
      let variable = environment.first { $0.hasPrefix("THRUM_CONFIG=") }.map { String($0.dropFirst("THRUM_CONFIG=".count)) }
      return RunningDaemon(pid: pid, configFile: named ?? variable ?? Paths.system.config)
    }
  }

  /// The same gateway, at the same broker.
  func isRival(of config: ThrumConfig) -> Bool {
    guard let other = try? ConfigFile.read(configFile) else { return false }
    return other.gateway == config.gateway && other.broker.url == config.broker.url
  }

  private static func words(_ files: SystemFiles, _ path: String) -> [String]? {
    files.text(path)?.split(separator: "\0").map(String.init)
  }
}
