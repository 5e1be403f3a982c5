import ArgumentParser
import Configuration
import Contracts
import Signal
import Store
import Terminal

/// Which gateway on this machine is meant.
struct Gateway: ParsableArguments {
  @Option(name: .customLong("state-dir"), help: "The state folder; THRUM_STATE_DIR or the system's place when left out.")
  var stateFolder: String?

  var folder: String { stateFolder ?? Paths.current.stateFolder }

  /// Where the daemon of that folder listens.
  var socket: String { stateFolder.map(Paths.socket) ?? Paths.current.socket }

  func reader() throws -> StoreReader {
    do { return try StoreReader(folder: folder) } catch {
      // Where there is none yet, the daemon knows why.
      guard let waiting = StoreReader.waiting(folder: folder) else { throw error }
      throw StoreError(
        "open the store in", folder, reason: "thrumd has none yet and waits: \(waiting.reason)",
        remedy: "\(waiting.remedy), it goes on by itself")
    }
  }

  /// The screen and its JSON. Limits come from the configuration, or from its defaults where there is none to read.
  func status() throws -> StatusReport {
    let config = try? ConfigFile.read(Paths.current.config)
    return try reader().status(
      now: .now, maxBytes: config?.store.maxBytes ?? 536_870_912, budgetBytesPerDay: config?.plane?.budgetBytesPerDay)
  }
}

extension Gateway {
  /// Where no daemon runs, what follows is what it last wrote, and people are told so.
  func tellStopped(unless json: Bool) {
    guard !json, StoreReader.daemonPID(folder: folder) == nil, let reader = try? reader() else { return }
    let end = (try? reader.daemon())?.map { " (\(Self.end(inOrder: $0.endedInOrder)))" } ?? ""
    let since = reader.use.writtenAt?.local ?? "it was made"
    print("thrumd does not run: stopped since \(since)\(end); this is what it wrote last.".wrapped() + "\n")
  }

  /// How it ended, as the store tells.
  static func end(inOrder: Bool) -> String { inOrder ? "it was told to stop" : "killed, crashed or cut off: it wrote no end" }
}

/// How a listing is wanted.
struct Output: ParsableArguments {
  @Flag(help: "Print JSON, for programs.")
  var json = false
}
