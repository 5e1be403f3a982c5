import Glibc

/// A real mosquitto on a free loopback port; it ends with this object.
package final class Broker {
  package let port: UInt16
  private let folder: TemporaryFolder
  private var process: ChildProcess

  /// - Parameters:
  ///   - lines: more lines of mosquitto.conf; later lines win over the defaults (anonymous clients, no persistence).
  ///   - isPersistent: keeps sessions and queues across `restart()`, saved after every change.
  package init(_ lines: [String] = [], isPersistent: Bool = false) throws {
    folder = try TemporaryFolder()
    let configuration = folder
    (port, process) = try Self.onFreePort { port in
      let persistence =
        isPersistent
        ? ["persistence true", "persistence_location \(configuration.path)/", "autosave_interval 1", "autosave_on_changes true"]
        : ["persistence false"]
      let all = ["user root", "listener \(port) 127.0.0.1", "allow_anonymous true", "log_type all"] + persistence + lines
      try configuration.write(all.joined(separator: "\n") + "\n", to: "mosquitto.conf")
      return try Self.start(in: configuration)
    }
  }

  deinit { process.terminate() }

  /// `mqtt://127.0.0.1:port`
  package var url: String { "mqtt://127.0.0.1:\(port)" }
  package var processID: Int32 { process.processID }
  /// What mosquitto has written to its log, from its first start on.
  package var log: String { (try? contents(ofFile: folder.path("log"))) ?? "" }

  /// Ends mosquitto in good order; what it holds for sessions is saved when it is persistent.
  package func stop() { process.terminate() }

  /// Ends mosquitto as a power cut would.
  package func kill() { process.kill() }

  /// Stops mosquitto's world (SIGSTOP): connections stay open and nothing answers.
  package func freeze() { process.send(SIGSTOP) }
  package func thaw() { process.send(SIGCONT) }

  /// Starts mosquitto again on the same port, after ending it when it still runs.
  package func restart() throws {
    stop()
    process = try Self.start(in: folder)
    guard Self.accepts(port, process) else { throw TestSupportError("mosquitto does not start again:\n\(log)") }
  }

  private static func start(in folder: TemporaryFolder) throws -> ChildProcess {
    try ChildProcess(["mosquitto", "-c", folder.path("mosquitto.conf")], output: folder.path("log"))
  }

  /// Between our look for a free port and mosquitto's bind another process may take it: try again with the next.
  private static func onFreePort(_ start: (UInt16) throws -> ChildProcess) throws -> (UInt16, ChildProcess) {
    for _ in 0..<5 {
      let port = try freePort()
      let process = try start(port)
      if accepts(port, process) { return (port, process) }
    }
    throw TestSupportError("mosquitto does not start; is it installed?")
  }

  private static func accepts(_ port: UInt16, _ process: ChildProcess) -> Bool {
    eventually { !process.isRunning || (try? Socket(connectingTo: port)) != nil } && process.isRunning
  }
}
