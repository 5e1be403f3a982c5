import Agent
import ArgumentParser
import Configuration
import Contracts
import Glibc
import Logging
import Terminal

/// The daemon.
struct Thrumd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "thrumd",
    abstract: "Watch machines: read vibration frames from a broker, judge them, keep and send what matters.",
    discussion: """
      Runs until SIGTERM; SIGHUP takes a changed configuration, if it is right. As an ordinary user configuration and state are in the XDG folders; THRUM_CONFIG and THRUM_STATE_DIR name others.

      EXAMPLES
        thrumd
        thrumd --config ./thrum.toml --check-config
      """,
    version: "thrumd \(version)")

  @Option(name: .customLong("config"), help: "The configuration file; conf.d stands beside it.")
  var file: String?
  @Flag(help: "Print every problem of the configuration, then end.")
  var checkConfig = false
  @Flag(
    help: .init("Print as JSON what a look at the plant's broker found (thrum doctor asks this), then end.", visibility: .hidden))
  var visitBroker = false
  @Flag(help: .init("With --visit-broker: hear what is published there, for some three seconds.", visibility: .hidden))
  var listen = false
  @Flag(help: "Log what is of interest to developers too.")
  var verbose = false

  func run() async throws {
    ProcessMemory.shareHeap()
    // Until the agent listens: whoever sends it means to have the configuration read, and it is.
    signal(SIGHUP, SIG_IGN)
    let paths = Paths.current
    let configFile = file ?? paths.config
    if checkConfig {
      _ = try configuration(configFile, Agent.configuration)
      return print("\(configFile): ok")
    }
    let config = try configuration(configFile, ConfigFile.read)
    if visitBroker { return print(JSON.text(BrokerLook.visit(config.broker, listening: listen))) }
    LoggingSystem.bootstrap { _ in JournalLogHandler() }
    var log = Logger(label: "thrumd")
    if verbose { log.logLevel = .debug }
    let agent = try Agent(config, from: configFile, paths: paths, version: version, log: log) {
      (try? configuration(configFile, Agent.configuration)) != nil
    }
    if try await agent.run() { SelfRestart.inPlace() }
  }

  private func configuration(_ file: String, _ read: (String) throws(ConfigError) -> ThrumConfig) throws -> ThrumConfig {
    do { return try read(file) } catch {
      for problem in error.problems { complain("\(problem)") }
      throw ExitStatus(2)
    }
  }
}

@main
enum Main {
  static func main() async { await Program.main(Thrumd.self) }
}
