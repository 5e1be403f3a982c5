import Contracts
import SQLite
import Signal

/// Puts a copy that `StoreBackup` wrote in the place of a store, while no daemon runs. The store that was there is set aside.
package enum StoreRestore {
  /// The store that begins from a copy is told by its binding: none.
  static let mark: [UInt8] = []

  /// The plane may know more than the copy does: the first start takes a new numbering, and tells that it did.
  /// - Returns: the name under which the former store lies; `nil` when there was none.
  /// - Throws: `inUse` while a daemon runs; `corrupt`, `foreign`, `newerSchema`, `failed` when the copy is not fit.
  package static func run(folder: String, from copy: String) throws(StoreError) -> String? {
    try StateFolder.make(folder)
    let lock = try StateLock(folder: folder)
    defer { withExtendedLifetime(lock) {} }
    let path = StoreFile.path(in: folder)
    try Replacement.finish(path)
    guard Disk.exists(copy) else {
      throw StoreError("restore", copy, reason: "there is no such file", remedy: "name a file that `thrum backup` wrote")
    }
    try StoreBackup.check(copy)
    let draft = Replacement.draft(path)
    for suffix in ["", "-wal", "-shm", "-journal"] { try Disk.remove(draft + suffix) }
    try Disk.copy(copy, to: draft)
    try naming("restore", copy) { () throws(SQLiteError) in
      let database = try Database(path: draft, mode: .readWriteCreate)
      try database.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL")
      try database.run("UPDATE epoch SET binding = ? WHERE number = (SELECT max(number) FROM epoch)", mark)
    }
    let former = Disk.exists(path) ? Replacement.aside(path) : nil
    try Replacement.accept(path)
    try Replacement.finish(path)
    try Disk.remove(SchemaPages.path(path))
    return former
  }
}
