import ArgumentParser
import Configuration
import Store
import Terminal

/// Which gateway on this machine is meant.
struct Gateway: ParsableArguments {
  @Option(name: .customLong("state-dir"), help: "The state folder; THRUM_STATE_DIR or the system's place when left out.")
  var stateFolder: String?

  var folder: String { stateFolder ?? Paths.current.stateFolder }

  func reader() throws -> StoreReader { try StoreReader.open(folder: folder) }
}

/// How a listing is wanted.
struct Output: ParsableArguments {
  @Flag(help: "Print JSON, for programs.")
  var json = false
}
