import Glibc

/// Where Thrum's files are. A gateway has them in the system's folders; an ordinary user without an installed Thrum in his own.
package struct Paths: Sendable, Equatable {
  /// `thrum.toml`; `conf.d` stands beside it.
  package var config: String
  /// Database and models.
  package var stateFolder: String
  package var socket: String

  package var database: String { stateFolder + "/thrum.db" }

  /// Those of this process.
  package static var current: Paths {
    Paths(isSystem: getuid() == 0 || access(system.config, R_OK) == 0) { name in
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
  }

  package static let system = Paths(
    config: "/etc/thrum/thrum.toml", stateFolder: "/var/lib/thrum", socket: "/run/thrum/thrum.sock")

  /// - Parameters:
  ///   - isSystem: take the system's folders, not the user's.
  ///   - variable: the value of an environment variable.
  package init(isSystem: Bool, variable: (String) -> String?) {
    self = isSystem ? .system : .user(variable)
    config = variable("THRUM_CONFIG") ?? config
    stateFolder = variable("THRUM_STATE_DIR") ?? stateFolder
    socket = variable("THRUM_SOCKET") ?? variable("THRUM_STATE_DIR").map(Self.socket(in:)) ?? socket
  }

  /// Where the daemon of a state folder of one's own listens, so that who knows the one finds the other.
  package static func socket(in stateFolder: String) -> String { stateFolder + "/thrum.sock" }

  private init(config: String, stateFolder: String, socket: String) {
    self.config = config
    self.stateFolder = stateFolder
    self.socket = socket
  }

  /// XDG Base Directory Specification 0.8.
  private static func user(_ variable: (String) -> String?) -> Paths {
    let home = variable("HOME") ?? "."
    let configHome = variable("XDG_CONFIG_HOME") ?? home + "/.config"
    let stateHome = variable("XDG_STATE_HOME") ?? home + "/.local/state"
    let runtime = variable("XDG_RUNTIME_DIR") ?? stateHome
    return Paths(
      config: configHome + "/thrum/thrum.toml", stateFolder: stateHome + "/thrum", socket: runtime + "/thrum/thrum.sock")
  }
}
