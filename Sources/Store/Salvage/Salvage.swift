import Contracts
import SQLite
import Signal

/// Makes a sound database out of a damaged one: every row that can still be read is copied by its key, what is gone is counted,
/// and the damaged files stay as they are under another name. May be cut short anywhere: the next start begins or goes on.
struct Salvage {
  private let path: String
  private let origin: EventOrigin
  private let draft: Database
  /// Of each point, at most; `nil`: all.
  private let trendRows: Int?
  private var report: SalvageReport

  /// - Parameter cause: what was found to be damaged.
  /// - Returns: after which the database at `path` may be opened.
  /// - Throws: `full` when the disk has no room for the copy, not even for one without old trends; nothing is left of it then.
  static func run(_ path: String, cause: String, settings: StoreSettings) throws(StoreError) -> SalvageReport {
    do { return try run(path, cause, settings, trendRows: nil) } catch {
      Leftovers.clear(path)
      guard error.kind == .full else { throw error }
    }
    do { return try run(path, cause, settings, trendRows: fewTrendRows) } catch {
      Leftovers.clear(path)
      throw error
    }
  }

  /// Of each point, in minutes: what an eviction leaves of trends, too.
  private static let fewTrendRows = 60

  private static func run(
    _ path: String, _ cause: String, _ settings: StoreSettings, trendRows: Int?
  ) throws(StoreError) -> SalvageReport {
    let log = try WriteAheadLog.read(path + "-wal")
    let pages = SchemaPages.kept(beside: path)?.pages ?? []
    var salvage = try Salvage(path, Replacement.draft(path), cause: cause, origin: settings.origin, trendRows: trendRows)
    let report = try salvage.copyAll(pages, log, at: settings.startedAt, binding: settings.binding)
    try Replacement.accept(path)
    try Replacement.finish(path)
    return report
  }

  private init(_ path: String, _ draft: String, cause: String, origin: EventOrigin, trendRows: Int?) throws(StoreError) {
    (self.path, self.origin, self.trendRows) = (path, origin, trendRows)
    report = SalvageReport(cause: cause, setAside: Replacement.aside(path))
    self.draft = try naming("salvage into", draft) { () throws(SQLiteError) in
      let database = try Database(path: draft, mode: .readWriteCreate)
      // Synced as a whole when it is complete; until then it counts for nothing.
      try database.execute(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA secure_delete = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
      try Schema.migrate(database, from: 0)
      return database
    }
  }

  private mutating func copyAll(
    _ pages: [SchemaPages.Page], _ log: WriteAheadLog?, at time: UnixTime, binding: [UInt8]
  ) throws(StoreError) -> SalvageReport {
    let sound = log.map { log in log.frames.filter { $0.index < log.taken } } ?? []
    let newest = log?.salvageable ?? []
    // First what SQLite itself would show, then what later frames that verify make newer.
    if newest != sound { try copy(try SalvageImage(path, pages, log, sound), isLast: false) }
    try copy(try SalvageImage(path, pages, log, newest), isLast: true)
    try carve(PageSource(path, log, newest))
    report.transactionsBehind = newest == sound ? 0 : log?.transactionsBehind ?? 0
    report.lostFrames = log.map { log in log.frames.count { !$0.isIntact && $0.index >= log.taken } } ?? 0
    try naming("salvage", path) { () throws(SQLiteError) in
      try draft.transaction { () throws(SQLiteError) in
        report = try SalvageRepair(database: draft, origin: origin).run(report, at: time, binding: binding)
      }
    }
    return report
  }

  /// Where the pages that lead to the events are gone, the events are looked for in every page there is.
  private mutating func carve(_ source: PageSource) throws(StoreError) {
    guard report.lostRows["event"] != nil else { return }
    let draft = draft
    try naming("salvage", path) { () throws(SQLiteError) in
      try draft.execute("BEGIN")
    }
    try LeafCarver(source: source).events { row, values throws(StoreError) in
      try naming("salvage", path) { () throws(SQLiteError) in try SalvageCopy.addCarved(row, values, to: draft) }
    }
    try naming("salvage", path) { () throws(SQLiteError) in
      try SalvageCopy.dropUnproven(in: draft)
      try draft.execute("COMMIT")
    }
  }

  private mutating func copy(_ image: SalvageImage, isLast: Bool) throws(StoreError) {
    try naming("salvage", path) { () throws(SQLiteError) in
      var copy = SalvageCopy(from: image.database, to: draft, trendRows: trendRows)
      try draft.transaction { () throws(SQLiteError) in try copy.run() }
      guard isLast else { return }
      (report.lostRows, report.lostFrom, report.lostTo) = (copy.lost, copy.lostFrom, copy.lostTo)
    }
  }
}
