import Contracts
import Glibc
import SQLite
import Signal

/// Opens the store of a folder, in as many tries as it takes; the folder stays this process's own between them. Used by one thread.
package final class StoreOpening {
  private let folder: String
  private var lock: StateLock?
  /// What was given up for room, to be told by the store once it is open.
  private var givenUp: [OpeningReport.Incident] = []
  private let setAside: SetAside
  /// The last try that failed, and what the disk had left when it had cleaned up behind itself.
  private var refusal: (error: StoreError, waiting: StoreWaiting, room: Room)?
  private var triesLeftOut = 0

  package convenience init(folder: String) { self.init(folder: folder, SetAside(StoreFile.path(in: folder))) }

  init(folder: String, _ setAside: SetAside) { (self.folder, self.setAside) = (folder, setAside) }

  /// Takes the folder for this process, and makes it where there is none; opens or makes the database in it; counts one more
  /// incarnation; starts a new epoch where there is none or the store finds itself on other hardware.
  /// A store of ours that is damaged is salvaged: its files are set aside, what can be read goes on. Where the disk has no room for
  /// that, what was set aside earlier gives way.
  /// - Throws: `inUse` with the pid of who has the folder; `newerSchema`, `foreign`, `corrupt`: the file is left untouched. After
  ///   anything that may pass `waiting` tells what, and it may be tried again.
  package func attempt(_ settings: StoreSettings) throws(StoreError) -> Store {
    if let refusal, isHopeless(refusal.waiting, refusal.room) { throw refusal.error }
    do {
      let store = try openGivingWay(settings)
      refusal = nil
      lock?.tell(nil)
      return store
    } catch {
      refusal = StoreWaiting(error, folder: folder).map { (error, $0, Room(at: folder)) }
      if let refusal { lock?.tell(refusal.waiting) }
      throw error
    }
  }

  /// What the last try waits for; `nil` when there is nothing to wait for.
  package var waiting: StoreWaiting? { refusal?.waiting }

  /// There is more room than when the last try found too little.
  package var hasMoreRoom: Bool {
    refusal.map { $0.waiting == .diskFull && Room(at: folder).isNoticeablyMore(than: $0.room) } ?? false
  }

  /// A salvage writes much before it finds no room: it is not begun again for nothing, but now and then, because a quota is not seen.
  private func isHopeless(_ waiting: StoreWaiting, _ left: Room) -> Bool {
    triesLeftOut += 1
    guard waiting == .diskFull, !Room(at: folder).isMore(than: left), !setAside.isDue, triesLeftOut < Self.mostTriesLeftOut else {
      triesLeftOut = 0
      return false
    }
    return true
  }

  private static let mostTriesLeftOut = 20

  /// What a disk has left.
  private struct Room {
    let bytes: Int
    let files: Int

    init(at path: String) { (bytes, files) = (DiskSpace.freeBytes(at: path) ?? 0, DiskSpace.freeFiles(at: path) ?? 0) }

    func isMore(than other: Room) -> Bool { bytes > other.bytes || files > other.files }

    /// Others write on it too: a few bytes are not worth a try. A store takes five files at most.
    func isNoticeablyMore(than other: Room) -> Bool {
      bytes >= other.bytes + (1 << 20) || (files > other.files && other.files < 5)
    }
  }

  // MARK: one try

  private func openGivingWay(_ settings: StoreSettings) throws(StoreError) -> Store {
    while true {
      do { return try openOnce(settings) } catch {
        guard StoreWaiting(error, folder: folder) == .diskFull, let gone = setAside.giveUpOldest() else { throw error }
        givenUp.append(gone)
      }
    }
  }

  private func openOnce(_ settings: StoreSettings) throws(StoreError) -> Store {
    try StateFolder.make(folder)
    let lock = if let held = self.lock { held } else { try StateLock(folder: folder) }
    self.lock = lock
    let path = StoreFile.path(in: folder)
    Leftovers.clear(path)
    var opening = OpeningReport()
    opening.incidents = givenUp
    do {
      return try Self.make(folder, lock, settings, &opening)
    } catch {
      // Damage in a store too large to be looked through first.
      guard error.kind == .corrupt, opening.salvage == nil, Disk.exists(SchemaPages.path(path)) else { throw error }
      Suspicion.raise(path, reason: error.reason)
      return try Self.make(folder, lock, settings, &opening)
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

extension Store {
  /// One try: who waits uses `StoreOpening`.
  package static func open(folder: String, settings: StoreSettings) throws(StoreError) -> Store {
    try StoreOpening(folder: folder).attempt(settings)
  }
}
