import Contracts
import SQLite
import Signal

/// Everything durable: one state folder, one writing connection, one transaction for all that waits.
/// May be used from any thread; a call that writes blocks until its data is on the disk.
package final class Store: Sendable {
  package let folder: String
  /// Rises by one at each opening of the store, durably.
  package let incarnation: UInt64
  /// For everything that is read while the store is open; a connection of its own.
  package let reader: StoreReader
  private let writing: GroupCommit<Work, StoreError>
  private let lock: StateLock
  /// What was found when it was opened.
  package let opening: OpeningReport

  /// Takes the folder for this process, and makes it where there is none; opens or makes the database in it; counts one more
  /// incarnation; starts a new epoch where there is none or the store finds itself on other hardware.
  /// A store of ours that is damaged is salvaged: its files are set aside, what can be read goes on.
  /// - Throws: `inUse` with the pid of who has the folder; `newerSchema`, `foreign`, `corrupt`: the file is left untouched.
  package static func open(folder: String, settings: StoreSettings) throws(StoreError) -> Store {
    try StateFolder.make(folder)
    let lock = try StateLock(folder: folder)
    let path = StoreFile.path(in: folder)
    var opening = OpeningReport()
    do {
      return try make(folder, lock, settings, &opening)
    } catch {
      // Damage in a store too large to be looked through first.
      guard error.kind == .corrupt, opening.salvage == nil, Disk.exists(SchemaPages.path(path)) else { throw error }
      Suspicion.raise(path, reason: error.reason)
      return try make(folder, lock, settings, &opening)
    }
  }

  private static func make(
    _ folder: String, _ lock: StateLock, _ settings: StoreSettings, _ opening: inout OpeningReport
  ) throws(StoreError) -> Store {
    let path = StoreFile.path(in: folder)
    let database = try StoreFile.open(path, settings, &opening)
    let report = opening
    let incarnation = try naming("open", path) { () throws(SQLiteError) in try begin(database, settings, report) }
    return Store(folder, lock, Writer(database, settings), incarnation, try StoreReader(folder: folder), opening)
  }

  private init(
    _ folder: String, _ lock: StateLock, _ writer: sending Writer, _ incarnation: UInt64, _ reader: StoreReader,
    _ opening: OpeningReport
  ) {
    self.folder = folder
    self.lock = lock
    self.opening = opening
    self.incarnation = incarnation
    self.reader = reader
    writing = GroupCommit { works in writer.write(works) }
  }

  /// Makes all of `change` durable, or throws and leaves the store as it was: the same change may then be committed again.
  package func commit(_ change: Change) throws(StoreError) { try writing.commit(.change(change)) }

  /// Starts a new numbering for the plane; what it has not got yet is numbered again and keeps its bytes.
  package func renewEpoch(reason: String, binding: [UInt8], at time: UnixTime) throws(StoreError) {
    try writing.commit(.newEpoch(binding: binding, reason: reason, at: time))
  }

  /// Other processes that look at the store at this moment.
  package var readers: [LogReaders.Reader] { LogReaders(StoreFile.path(in: folder)).others }

  /// Reads everything through in short steps, each event against its chain.
  /// - Parameter next: called between two steps; ends the reading by `false`.
  /// - Returns: what is damaged; `nil` when nothing is, or it was ended.
  package func scrub(next: () -> Bool) throws(StoreError) -> String? {
    try Scrub(StoreFile.path(in: folder)).run(next: next)
  }

  /// Something that was read here is not what was written: the next opening salvages the store.
  package func suspect(_ reason: String) { Self.raiseSuspicion(in: folder, reason) }

  package static func raiseSuspicion(in folder: String, _ reason: String) {
    Suspicion.raise(StoreFile.path(in: folder), reason: reason)
  }

  private static func begin(_ database: Database, _ settings: StoreSettings, _ opening: OpeningReport) throws(SQLiteError)
    -> UInt64
  {
    try database.transaction { () throws(SQLiteError) in
      let epochs = Epochs(database: database)
      let epoch = try epochs.current()
      if epoch?.binding != settings.binding {
        let isRestored = epoch?.binding == StoreRestore.mark
        let reason = epoch == nil ? "a new store" : isRestored ? "restored from a copy" : "the store is on other hardware"
        try epochs.renew(binding: settings.binding, reason: reason, at: settings.startedAt)
        if isRestored {
          let words = OpeningReport.Incident("restored", "the store was restored from a copy: what came after the copy is gone")
          try Incidents(database: database).note(words.kind, words, at: settings.startedAt, from: settings.origin)
        }
      }
      for incident in opening.incidents {
        try Incidents(database: database).note(incident.kind, incident, at: settings.startedAt, from: settings.origin)
      }
      let daemon = Daemon(database: database)
      try daemon.start(settings.origin, version: settings.version, at: settings.startedAt)
      return try daemon.record()?.incarnation ?? 1
    }
  }
}
