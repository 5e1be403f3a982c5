import Anomaly
import Contracts
import SQLite
import Signal
import Synchronization

/// Reads a state folder: beside the running daemon, or after it ended in whatever way. Writes nothing to it.
/// Each call sees one moment and holds it for far less than a second.
package final class StoreReader: Sendable {
  private let folder: String
  private let file: ReadableFile
  /// One reads at a time; only whoever has `turn` touches `database`.
  private let turn = Mutex(())
  nonisolated(unsafe) private let database: Database

  /// - Throws: `failed` when there is no store, `newerSchema`, `foreign`, `corrupt`.
  package init(folder: String) throws(StoreError) {
    self.folder = folder
    file = try ReadableFile(StoreFile.path(in: folder))
    database = try file.open()
  }

  /// The running daemon's process; `nil` when none runs.
  package static func daemonPID(folder: String) -> Int32? { StateLock.holder(of: folder) }
  package var daemonPID: Int32? { StateLock.holder(of: folder) }

  /// What keeps the running daemon from its store; `nil`: nothing, or none runs.
  package static func waiting(folder: String) -> StoreWaiting? { StateLock.waiting(in: folder) }
  var waiting: StoreWaiting? { StateLock.waiting(in: folder) }

  // MARK: what the daemon says

  package func daemon() throws(StoreError) -> DaemonRecord? {
    try read { database throws(SQLiteError) in try Daemon(database: database).record() }
  }

  /// Bytes that database and write-ahead log take on the disk, and when either was written last.
  package var use: StoreUse { StoreUse(file: StoreFile.path(in: folder)) }

  // MARK: points

  /// All points, by machine and point.
  package func points() throws(StoreError) -> [PointRecord] { try points { $0 } }

  /// What `make` makes of each point, by machine and point; no more than one record is held at a time.
  package func points<Value: Sendable>(_ make: (PointRecord) -> Value) throws(StoreError) -> [Value] {
    try read { database throws(SQLiteError) in
      let ledgers = try FrameLedger(database: database).all()
      let sequences = try SourceSequences(database: database).all()
      let people = People(database: database)
      let (suppressions, stops) = (try people.suppressions(), try people.learningStops())
      let watches = try Watches(database: database).summaries()
      let probabilityLabels = try Watches(database: database).probabilityLabels()
      let stages = try DeliveredModels(database: database).stages()
      let latest = try Trends(database: database).latestSlowValues()
      var values: [Value] = []
      values.reserveCapacity(ledgers.count)
      try Points(database: database).each { row in
        values.append(
          make(
            PointRecord(
              point: row.point, state: row.state, ledger: ledgers[row.number] ?? Ledger(),
              sequences: sequences[row.number], suppression: suppressions[row.point],
              learningStop: stops[row.point], watch: watches[row.number], stages: stages[row.point] ?? [:],
              latest: latest[row.number], probabilityLabels: probabilityLabels[row.number])))
      }
      return values
    }
  }

  /// What belongs to no point.
  package func unassigned() throws(StoreError) -> Ledger {
    try read { database throws(SQLiteError) in try FrameLedger(database: database).all()[FrameLedger.unassigned] ?? Ledger() }
  }

  /// The newest rows of a point's history, oldest first.
  package func trend(of point: PointID, newest limit: Int) throws(StoreError) -> [TrendRow] {
    try read { database throws(SQLiteError) in
      guard let number = try Points(database: database).find(point) else { return [] }
      return try Trends(database: database).newest(limit, of: number)
    }
  }

  /// What each point has learned, as it is stored; nothing of it is believed here.
  package func models() throws(StoreError) -> [StoredModel] {
    try read { database throws(SQLiteError) in
      let baselines = Baselines(database: database)
      return try Points(database: database).all().map { row throws(SQLiteError) -> StoredModel? in
        try baselines.model(of: row.number).map { StoredModel(point: row.point, version: $0.version, bytes: $0.bytes) }
      }.compactMap { $0 }
    }
  }

  // MARK: alarms and events

  /// The newest alarms, newest first.
  package func alarms(newest limit: Int) throws(StoreError) -> [Alarm] {
    try read { database throws(SQLiteError) in try Alarms(database: database).newest(limit) }
  }

  /// By machine: each one's newest, closed or not.
  package func newestAlarmOfEachMachine() throws(StoreError) -> [Alarm] {
    try read { database throws(SQLiteError) in try Alarms(database: database).newestOfEachMachine() }
  }

  package func alarm(_ id: String) throws(StoreError) -> Alarm? {
    try read { database throws(SQLiteError) in try Alarms(database: database).alarm(id) }
  }

  /// The newest events of one lane, or of those that people read, newest first.
  package func events(newest limit: Int, of lane: Lane? = nil) throws(StoreError) -> [EventRecord] {
    try read { database throws(SQLiteError) in try Lanes(database: database).newest(limit, of: lane) }
  }

  /// The newest events of the lane of alarms, newest first.
  package func alarmHistory(newest limit: Int) throws(StoreError) -> [EventMark] {
    try read { database throws(SQLiteError) in
      guard let epoch = try Epochs(database: database).current() else { return [] }
      return try Lanes(database: database).history(of: .alarm, newest: limit, in: epoch)
    }
  }

  /// When a point last finished learning, as far as the event is still kept.
  package func newestLearning() throws(StoreError) -> UnixTime? {
    try read { database throws(SQLiteError) in try database.first(Self.newestLearningQuery) { $0[0] as UnixTime } }
  }

  /// By its index: the table of events may be all of the store.
  static let newestLearningQuery =
    "SELECT time FROM event WHERE type = 'org.thrum.baseline.ready.v1' ORDER BY row DESC LIMIT 1"

  // MARK: what people said

  /// The newest label of each subject (an alarm's id, or `machine/point`).
  package func labels() throws(StoreError) -> [String: LabelRow] {
    try read { database throws(SQLiteError) in try People(database: database).labels() }
  }

  /// The newest notes of repairs, newest first.
  package func maintenance(newest limit: Int) throws(StoreError) -> [MaintenanceRow] {
    try read { database throws(SQLiteError) in try People(database: database).maintenance(limit) }
  }

  /// The audit log's newest entries, oldest first.
  package func audit(newest limit: Int) throws(StoreError) -> [AuditRow] {
    try read { database throws(SQLiteError) in try AuditLog(database: database).newest(limit) }
  }

  /// Whether the audit log is as it was written.
  package func auditFinding() throws(StoreError) -> AuditFinding {
    try read { database throws(SQLiteError) in try AuditLog(database: database).verify() }
  }

  // MARK: for the uplink

  package func numbering() throws(StoreError) -> Numbering? {
    try read { database throws(SQLiteError) in
      guard let epoch = try Epochs(database: database).current(), let daemon = try Daemon(database: database).record() else {
        return nil
      }
      let lanes = Lanes(database: database)
      return Numbering(
        epoch: epoch.epoch, parent: epoch.parent, incarnation: daemon.incarnation, lanes: try lanes.heads(),
        oldestUnsent: try lanes.oldestUnsent(in: epoch))
    }
  }

  /// Events of the current epoch beyond `sequence`, in order: at least one if there is one, and no more than `bytes` allow.
  package func items(of lane: Lane, beyond sequence: UInt64, bytes: Int) throws(StoreError) -> [LaneItem] {
    try read { database throws(SQLiteError) in
      guard let epoch = try Epochs(database: database).current() else { return [] }
      return try Lanes(database: database).items(of: lane, beyond: sequence, bytes: bytes, in: epoch)
    }
  }

  /// The current epoch's chain at a number; `nil` when it never had that number, or has it no longer.
  package func hash(of lane: Lane, at sequence: UInt64) throws(StoreError) -> ChainHash? {
    try read { database throws(SQLiteError) in
      guard let epoch = try Epochs(database: database).current() else { return nil }
      return try Lanes(database: database).hash(of: lane, at: sequence, in: epoch)
    }
  }

  /// The number lies within a gap: of what stood there only the plane may still know the hash.
  package func isGivenUp(_ sequence: UInt64, of lane: Lane) throws(StoreError) -> Bool {
    try read { database throws(SQLiteError) in
      guard let epoch = try Epochs(database: database).current() else { return false }
      return try Lanes(database: database).isGivenUp(sequence, of: lane, in: epoch)
    }
  }

  // MARK: what became of the store itself

  package func evictions() throws(StoreError) -> [EvictionRecord] {
    try readNewer { database throws(SQLiteError) in
      try database.rows("SELECT what, rows, first_at, last_at FROM eviction ORDER BY what") {
        EvictionRecord(what: $0[0], rows: $0[1], from: $0[2], to: $0[3])
      }
    }
  }

  /// The newest first.
  package func incidents() throws(StoreError) -> [IncidentRecord] {
    try readNewer { database throws(SQLiteError) in try Incidents(database: database).all() }
  }

  /// Bytes and commits that the daemon wrote on the newest days, the newest first.
  package func written(days: Int) throws(StoreError) -> [WrittenRecord] {
    try readNewer { database throws(SQLiteError) in
      try database.rows("SELECT day, bytes, commits FROM written ORDER BY day DESC LIMIT ?", days) {
        WrittenRecord(day: $0[0], bytes: $0[1], commits: $0[2])
      }
    }
  }

  /// Names of databases that were set aside and still lie there.
  package var setAside: [String] { Replacement.setAside(StoreFile.path(in: folder)) }

  // MARK: for the daemon's start

  /// What the daemon goes on from, with the redelivery ring of the broker session of that name.
  package func restoredState(session: String) throws(StoreError) -> RestoredState {
    try read { database throws(SQLiteError) in
      let sessions = Sessions(database: database)
      return RestoredState(
        points: try Self.restoredPoints(in: database), alarms: try Alarms(database: database).newestOfEachMachine(),
        ring: try sessions.ring(session), hadSession: try sessions.isKnown(session),
        suppressions: try People(database: database).suppressions(), learningStops: try People(database: database).learningStops()
      )
    }
  }

  private static func restoredPoints(in database: Database) throws(SQLiteError) -> [RestoredState.Point] {
    let baselines = Baselines(database: database)
    return try Points(database: database).all().map { row throws(SQLiteError) in
      let model = try baselines.model(of: row.number)
      let sequences = try SourceSequences(database: database).load(row.number) ?? SequenceRanges()
      // What was learned from is needed no more once there is a model: 256 baselines would be much to hold.
      let windows = model == nil ? try baselines.windows(of: row.number) : []
      return .init(
        id: row.point,
        point: RestoredPoint(
          state: row.state, sequences: sequences, baseline: windows, model: model?.bytes,
          watch: model == nil ? nil : try Watches(database: database).bytes(of: row.number)))
    }
  }

  /// Of tables that a store has which no daemon of this version has opened yet: nothing.
  private func readNewer<Row: Sendable>(_ body: (Database) throws(SQLiteError) -> [Row]) throws(StoreError) -> [Row] {
    try read { database throws(SQLiteError) in try database.pragma("user_version") < 3 ? [] : try body(database) }
  }

  func read<Result: Sendable>(_ body: (Database) throws(SQLiteError) -> Result) throws(StoreError) -> Result {
    try turn.withLock { _ throws(StoreError) in
      try naming("read", database.path) { () throws(SQLiteError) in
        try database.snapshot { () throws(SQLiteError) in try body(database) }
      }
    }
  }
}
