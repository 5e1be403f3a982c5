import Configuration
import Contracts
import Signal
import Synchronization

/// Knows which configuration the daemon works with, and what became of the last try to have it read anew.
final class ConfigurationDesk: Sendable {
  let file: String
  private let running: Mutex<RunningConfiguration.Reply>

  /// - Parameter file: as it was just read.
  init(_ file: String, at now: UnixTime) {
    self.file = file
    running = Mutex(.init(file: file, fingerprint: (try? ConfigFile.fingerprint(file)) ?? "", readAt: now))
  }

  var answer: RunningConfiguration.Reply { running.withLock { $0 } }

  /// - Returns: what is to be said of it in one line.
  func refused(_ error: ConfigError, at now: UnixTime) -> String {
    let problems = error.problems.map(\.description)
    running.withLock { $0.refused = .init(at: now, problems: Array(problems.prefix(20))) }
    let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
    return
      "configuration: the last reload was refused, what was read before goes on: \(problems.first ?? "")\(more); mend it, reload again"
  }
}
