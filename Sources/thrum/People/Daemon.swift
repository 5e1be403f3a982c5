import ArgumentParser
import Configuration
import Contracts
import LocalClient

/// The running daemon, for verbs that change something.
struct Daemon: ParsableArguments {
  @Option(name: .customLong("state-dir"), help: "The daemon's state folder; THRUM_STATE_DIR or the system's place when left out.")
  var stateFolder: String?

  /// - Throws: what the daemon answered, or that it does not run: exit code 1.
  func ask<C: Call>(_ call: C) throws(CallProblem) -> C.Reply { try LocalClient(socket: socket).ask(call) }

  /// The place of the folder's own socket, unless THRUM_SOCKET or the system say another.
  private var socket: String { stateFolder.map(Paths.socket) ?? Paths.current.socket }
}
