import FoundationEssentials
import SQLite

/// A database that is there to be read. In a folder that may not be written to, and without the log's index, SQLite cannot open it
/// in place (and `immutable` would silently show the state before the log): a private copy is read then.
struct ReadableFile: ~Copyable {
  private let path: String
  private var copy: String?

  init(_ path: String) throws(StoreError) {
    self.path = path
    guard !Self.opens(path) else { return }
    copy = try Self.copied(path)
  }

  deinit {
    if let copy { try? FileManager.default.removeItem(atPath: copy) }
  }

  func open() throws(StoreError) -> Database {
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
