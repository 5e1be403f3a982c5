/// What keeps a daemon that has its state folder from opening the store in it. Each may pass without the daemon's doing.
package enum StoreWaiting: Int, Sendable {
  case diskFull = 1, readOnly, inputOutput, busy

  /// `nil`: nothing to wait for, a start can only be refused.
  init?(_ error: StoreError, folder: String) {
    switch error.kind {
    case .full: self = .diskFull
    case .readOnly, .failed, .inputOutput:
      // SQLite has no word of its own for a file that finds no room (its index of the log), nor for one without a name left.
      if DiskSpace.isUsedUp(at: folder) {
        self = .diskFull
      } else if DiskSpace.isReadOnly(at: folder) {
        self = .readOnly
      } else {
        guard error.kind == .inputOutput else { return nil }
        self = .inputOutput
      }
    case .busy: self = .busy
    case .inUse, .corrupt, .newerSchema, .foreign: return nil
    }
  }

  /// For people.
  package var reason: String {
    switch self {
    case .diskFull: "the disk has too little room"
    case .readOnly: "the disk is mounted read-only"
    case .inputOutput: "the disk fails to read or write"
    case .busy: "another program keeps the database locked"
    }
  }

  package var remedy: String {
    switch self {
    case .diskFull: "free some space on it"
    case .readOnly: "look at the disk (dmesg), mount it anew"
    case .inputOutput: "look at the disk (dmesg, smartctl)"
    case .busy: "end the program that has thrum.db open"
    }
  }

  /// Everything about it in one sentence.
  package var words: String {
    "thrumd waits for it and watches nothing: \(reason); \(remedy), it goes on by itself"
  }
}
