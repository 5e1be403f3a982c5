import SQLite

/// Looks for damage before anything of a store is used.
struct Suspicion {
  private let path: String

  init(_ path: String) { self.path = path }

  /// Somebody who read the store found damage: the next start mends it.
  static func raise(_ path: String, reason: String) {
    let mark = Replacement.suspicion(path)
    // A name fits on a full disk, its content may not.
    if (try? Disk.replace(mark, with: Array(reason.utf8))) == nil { _ = try? DiskFile.existing(mark).sync() }
  }

  /// What must be salvaged before SQLite may touch the files; what is merely doubtful is added to the report.
  func damage(_ report: inout OpeningReport) throws(StoreError) -> String? {
    guard Disk.exists(path) else {
      if SchemaPages.kept(beside: path) != nil {
        report.incidents.append(.init("gone", "the database was gone: a new one was made"))
      }
      return nil
    }
    if let reason = try DiskFile.ifPresent(Replacement.suspicion(path))?.read(400, at: 0) {
      return reason.isEmpty ? "damage that was seen while the disk was full" : String(decoding: reason, as: UTF8.self)
    }
    // SQLite would take an empty file for a new one, and throw its log away.
    if try isEmptied { return SalvageReport.emptied }
    let madeBytes = SchemaPages.kept(beside: path)?.logBytes ?? 0
    guard let log = try WriteAheadLog.read(path + "-wal", madeBytes: madeBytes) else { return nil }
    switch log.condition {
    case .sound: return nil
    case .damaged: return "the write-ahead log is damaged"
    case .inDoubt:
      report.incidents.append(
        .init("in_doubt", "the last transaction was torn, by a power cut before its end or by damage behind it"))
    case .cutShort:
      report.incidents.append(
        .init("cut_short", "the write-ahead log is shorter than it was made: what stood at its end is gone"))
    }
    return nil
  }

  /// A small database is looked through at once, a large one while the daemon runs.
  func check(_ database: Database) throws(StoreError) -> String? {
    let isSmall = try naming("check", path) { () throws(SQLiteError) in
      try database.pragma("page_count") - database.pragma("freelist_count") <= Self.pagesAtOnce
    }
    guard isSmall else { return nil }
    if let damage = try integrity(of: database) { return damage }
    return try Scrub(path).run { true }
  }

  private func integrity(of database: Database) throws(StoreError) -> String? {
    let found = try naming("check", path) { () throws(SQLiteError) -> String? in
      try database.first("PRAGMA integrity_check(1)") { $0[0] as String }
    }
    return found == "ok" ? nil : "integrity_check: \(found ?? "no answer")"
  }

  private static let pagesAtOnce = 4096

  /// Nothing is in the file, and a store of ours stood here.
  var isEmptied: Bool {
    get throws(StoreError) {
      try DiskFile.ifPresent(path)?.byteCount() == 0 && SchemaPages.kept(beside: path) != nil
    }
  }

  /// What reads as somebody else's database is ours with a damaged header: the list of tables in its first page is the one that was kept.
  var isOursBehindItsHeader: Bool {
    guard let kept = SchemaPages.kept(beside: path)?.pages.first, kept.number == 1 else { return false }
    let first = (try? DiskFile.ifPresent(path)?.read(kept.bytes.count, at: 0)) ?? []
    return first.count == kept.bytes.count && first[100...] == kept.bytes[100...]
  }

  /// A store of ours stood here, whatever is left of it: its pages were kept, or it says so itself (`application_id`, at 68).
  var isOurs: Bool {
    if SchemaPages.kept(beside: path) != nil { return true }
    let head = (try? DiskFile.ifPresent(path)?.read(100, at: 0)) ?? []
    return head.count == 100 && Int(head.word(68)) == Schema.applicationID
  }
}
