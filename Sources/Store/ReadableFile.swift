import FoundationEssentials
import SQLite

/// A database that is there to be read. In a folder that may not be written to, and without the log's index, SQLite cannot open it
/// in place (and `immutable` would silently show the state before the log): a private copy is read then.
struct ReadableFile: ~Copyable {
  private let path: String
  private var copy: String?

  init(_ path: String) throws(StoreError) {
    self.path = path
    if let trouble = AccessTrouble(path) { throw trouble.error }
    // Not even to look: SQLite deletes the log beside a file without a byte, and with it all that is left.
    if try Suspicion(path).isEmptied { throw told(StoreError("open", path, reason: "it is empty", kind: .corrupt)) }
    guard !Self.opens(path) else { return }
    copy = try Self.copied(path)
  }

  deinit {
    if let copy { try? FileManager.default.removeItem(atPath: copy) }
  }

  func open() throws(StoreError) -> Database {
    do { return try openPlainly() } catch { throw told(error) }
  }

  /// What lies beside a file tells a store that is damaged from a file that is none: only the first is salvaged.
  private func told(_ error: StoreError) -> StoreError {
    let suspicion = Suspicion(path)
    let reason: String
    if (try? suspicion.isEmptied) == true {
      reason = "the file is empty, though a store stood here"
    } else if error.kind == .corrupt && suspicion.isOurs || error.kind == .foreign && suspicion.isOursBehindItsHeader {
      reason = "the database is damaged (\(error.reason))"
    } else {
      return AccessTrouble(path)?.error ?? error
    }
    let start = StateLock.holder(of: StateFolder.holding(path)) == nil ? "start thrumd" : "restart thrumd"
    return StoreError(
      "open", path, reason: reason,
      remedy:
        "\(start): it salvages what can be read, sets the damaged files aside and says what is gone; leave the files where they are",
      kind: .corrupt)
  }

  private func openPlainly() throws(StoreError) -> Database {
    let file = copy.map { $0 + "/thrum.db" } ?? path
    let database = try naming("open", path) { () throws(SQLiteError) in try Database(path: file, mode: .readOnly) }
    guard try StoreFile.usableVersion(of: database) > 0 else {
      throw StoreError("open", path, reason: "holds nothing yet", remedy: "start thrumd")
    }
    try naming("open", path) { () throws(SQLiteError) in try database.execute("PRAGMA cache_size = -\(Self.cacheKilobytes)") }
    return database
  }

  /// A reader looks once: it does not need the writer's two megabytes.
  private static let cacheKilobytes = 512

  /// False only where a copy may help.
  private static func opens(_ path: String) -> Bool {
    do throws(SQLiteError) {
      let database = try Database(path: path, mode: .readOnly)
      _ = try database.pragma("user_version")
      return true
    } catch { return !(error.cannotOpen || error.isReadOnly) || !FileManager.default.isReadableFile(atPath: path) }
  }

  private static func copied(_ path: String) throws(StoreError) -> String {
    let files = FileManager.default
    let folder = files.temporaryDirectory.path + "/thrum-copy-\(UUID().uuidString)"
    do {
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      for suffix in ["", "-wal"] where files.fileExists(atPath: path + suffix) {
        try files.copyItem(atPath: path + suffix, toPath: folder + "/thrum.db" + suffix)
      }
      return folder
    } catch {
      try? files.removeItem(atPath: folder)
      throw StoreError("copy", path, reason: "\(error)", remedy: "read it as a user who may write to its folder")
    }
  }
}
