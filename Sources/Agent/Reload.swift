import Configuration
import Logging
import ServiceLifecycle
import UnixSignals

/// SIGHUP, `systemctl reload`: the configuration is read again. One that is right ends everything in order, as SIGTERM does, and the
/// process begins anew in place; the broker keeps the session, so that no frame is lost. One that is wrong changes nothing, and is named until one is taken.
struct Reload: Service {
  let configuration: ConfigurationDesk
  let health: Health
  let log: Logger

  /// Returns when the process is to end, or to begin anew.
  func run() async {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() where isRight {
      log.notice("Beginning anew with the configuration as it is now", metadata: ["file": "\(configuration.file)"])
      return health.reloading()
    }
  }

  private var isRight: Bool {
    do throws(ConfigError) {
      _ = try Agent.configuration(configuration.file)
      return true
    } catch {
      health.trouble(.configuration, configuration.refused(error, at: .now()))
      for problem in error.problems { log.error("The configuration is not taken", metadata: ["problem": "\(problem)"]) }
      return false
    }
  }
}
