import SQLite

/// Before the tables are changed a copy of the store is made, which an older Thrum can be started on. One is kept, of the last change.
enum Migration {
  static func keepCopy(_ path: String, of version: Int, _ report: inout OpeningReport) throws(StoreError) {
    guard version > 0, version < Schema.version else { return }
    let copy = prefix(path) + "\(version)"
    for older in copies(path) where older != copy {
      try Disk.remove(older)
      report.notes.append("\(older) was deleted: the store has gone on from there before")
    }
    do {
      try StoreBackup.write(path, to: copy)
      report.notes.append("the store as schema \(version) left it was copied to \(copy)")
    } catch {
      // The change of tables is one transaction: without room for a copy the store is still safer open than shut.
      report.notes.append("no copy was made before the tables changed: \(error)")
    }
  }

  /// Those that are there.
  static func copies(_ path: String) -> [String] { Disk.numbers(behind: prefix(path)).map { prefix(path) + "\($0)" } }

  /// What a process left that was killed while it made one.
  static func drafts(_ path: String) -> [String] {
    Disk.numbers(behind: prefix(path), suffix: ".draft").map { prefix(path) + "\($0).draft" }
  }

  private static func prefix(_ path: String) -> String { path + ".schema-" }
}
