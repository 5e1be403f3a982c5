import SQLite

/// A consistent copy of a store in one file, made beside a running daemon or without one.
package enum StoreBackup {
  /// Writes the copy whole or not at all; one of that name is replaced.
  /// - Throws: `failed`, `full`, `corrupt`, with what to do.
  package static func write(folder: String, to copy: String) throws(StoreError) {
    try write(StoreFile.path(in: folder), to: copy)
  }

  static func write(_ path: String, to copy: String) throws(StoreError) {
    guard Disk.exists(path) else { throw StoreError("back up", path, reason: "there is no store", remedy: "start thrumd once") }
    let draft = copy + ".draft"
    try Disk.remove(draft)
    do {
      try naming("back up", path) { () throws(SQLiteError) in
        let database = try Database(path: path, mode: .readOnly, busyTimeoutMilliseconds: 5000)
        try database.run("VACUUM INTO ?", draft)
      }
      try check(draft)
      try Disk.sync(draft)
      try Disk.rename(draft, to: copy)
      try Disk.syncFolder(of: copy)
    } catch {
      try? Disk.remove(draft)
      throw error
    }
  }

  /// A copy that cannot be restored is worth nothing: it is read through once.
  static func check(_ copy: String) throws(StoreError) {
    let database = try naming("check", copy) { () throws(SQLiteError) in try Database(path: copy, mode: .readOnly) }
    guard try StoreFile.usableVersion(of: database) > 0 else {
      throw StoreError("check", copy, reason: "holds nothing", remedy: "name a file that `thrum backup` wrote")
    }
    let found = try naming("check", copy) { () throws(SQLiteError) in
      try database.first("PRAGMA integrity_check(1)") { $0[0] as String }
    }
    guard found == "ok" else {
      throw StoreError("check", copy, reason: found ?? "no answer", remedy: "use another copy", kind: .corrupt)
    }
  }
}
