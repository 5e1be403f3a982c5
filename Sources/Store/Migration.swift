import SQLite

/// Before the tables are changed a copy of the store is made, which an older Thrum can be started on.
enum Migration {
  static func keepCopy(_ path: String, of version: Int, _ report: inout OpeningReport) throws(StoreError) {
    guard version > 0, version < Schema.version else { return }
    let copy = "\(path).schema-\(version)"
    do {
      try StoreBackup.write(path, to: copy)
      report.notes.append("the store as schema \(version) left it was copied to \(copy)")
    } catch {
      // The change of tables is one transaction: without room for a copy the store is still safer open than shut.
      report.notes.append("no copy was made before the tables changed: \(error)")
    }
  }
}
