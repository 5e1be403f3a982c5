import Anomaly
import Contracts
import SQLite
import Signal

/// Makes the copied rows agree with each other again, and writes down what is gone.
struct SalvageRepair {
  let database: Database
  let origin: EventOrigin

  func run(_ found: SalvageReport, at time: UnixTime, binding: [UInt8]) throws(SQLiteError) -> SalvageReport {
    var report = found
    try nameLostEpochs(at: time, binding: binding)
    let isChainWhole = try settleLanes(&report)
    try settleLedgers()
    let unreadable = try Alarms(database: database).replaceUnreadable()
    if unreadable > 0 { report.lostRows["alarm", default: 0] += unreadable }
    let tables = ["epoch", "daemon", "point", "ledger", "model", "watch", "alarm", "event", "baseline", "trend", "redelivery"]
    for table in tables { report.keptRows += try database.first("SELECT count(*) FROM \(table)") { $0[0] as Int } ?? 0 }
    // Whether the plane has numbers that are gone here cannot be known any more: a new numbering.
    if !isChainWhole || !report.isComplete {
      try Epochs(database: database).renew(binding: binding, reason: "salvaged: \(report.cause)", at: time)
    }
    try Incidents(database: database).note("salvaged", report, at: time, from: origin)
    return report
  }

  /// Events whose numbering is gone would count as delivered: they get one that nobody knows.
  private func nameLostEpochs(at time: UnixTime, binding: [UInt8]) throws(SQLiteError) {
    let numbers = try database.rows(
      "SELECT DISTINCT epoch FROM event WHERE epoch NOT IN (SELECT number FROM epoch)"
    ) { $0[0] as Int }
    for number in numbers {
      try database.run(
        "INSERT INTO epoch (number, epoch, parent, binding, reason, started_at) VALUES (?, ?, NULL, ?, 'its row was lost', ?)",
        number, Epoch.random(), binding, time)
    }
    guard try Epochs(database: database).current() == nil else { return }
    try Epochs(database: database).renew(binding: binding, reason: "the numbering was lost", at: time)
  }

  /// - Returns: whether each lane ends with the event its row names, and none is missing before it.
  private func settleLanes(_ report: inout SalvageReport) throws(SQLiteError) -> Bool {
    guard let epoch = try Epochs(database: database).current() else { return false }
    let lanes = Lanes(database: database)
    var isWhole = true
    for lane in Lane.allCases {
      let kept =
        try database.first(
          "SELECT count(*), coalesce(max(sequence), 0) FROM event WHERE epoch = ? AND lane = ?", epoch.number, lane.rawValue
        ) { (count: $0[0] as Int, last: $0[1] as UInt64) } ?? (count: 0, last: 0)
      let gone =
        try database.first(
          "SELECT coalesce(sum(last - first + 1), 0) FROM gap WHERE epoch = ? AND lane = ?", epoch.number, lane.rawValue
        ) { $0[0] as Int } ?? 0
      let head = try? lanes.head(of: lane)
      // A row that names the newest event's hash and another number is wrong in its number.
      let isAtEnd = try head?.hash == lanes.hash(of: lane, at: kept.last, in: epoch)
      let last = isAtEnd ? kept.last : max(head?.last ?? 0, kept.last)
      let missing = Int(last) - kept.count - gone
      if missing > 0 { report.lostEvents[lane.rawValue] = missing }
      if lane == Lane.allCases.first { report.lostRows["event"] = nil }
      if missing > 0 { report.lostRows["event", default: 0] += missing }
      let end = try lanes.hash(of: lane, at: last, in: epoch)
      if missing == 0, let head, head.last == last, head.hash == end, head.through <= last { continue }
      isWhole = false
      // Everything goes again that cannot be shown to have arrived; the plane keeps each event once.
      var made = LaneHead(lane: lane, at: epoch.epoch)
      (made.last, made.hash) = (last, end ?? ChainHash(epoch.epoch))
      if let head, head.through <= last { (made.through, made.throughHash) = (head.through, head.throughHash) }
      try lanes.save(made)
    }
    return isWhole
  }

  /// Counts whose parts come from pages of different age are made to add up: what cannot be told is booked as dropped.
  private func settleLedgers() throws(SQLiteError) {
    let ledger = FrameLedger(database: database)
    let waiting = Dictionary(
      try database.rows("SELECT id, pending_frames FROM point") { ($0[0] as Int, $0[1] as Int) }
    ) { $1 }
    let all = try ledger.all()
    for point in Set(all.keys).union(waiting.keys) {
      let counts = all[point] ?? Ledger()
      var change = Ledger()
      change.pending = (waiting[point] ?? 0) - counts.pending
      let sum =
        counts.analysed + counts.pending + change.pending + counts.quarantinedTotal + counts.duplicate + counts.droppedTotal
      if counts.received > sum {
        change.dropped[.salvage] = counts.received - sum
      } else {
        change.received = sum - counts.received
      }
      try ledger.add(change, to: point)
    }
  }
}

/// The table `incident`: what happened to the store itself. Each is an event for the plane, too.
struct Incidents {
  let database: Database

  /// - Parameter kind: `salvaged`, `restored`, `in_doubt`, `cut_short`.
  func note(_ kind: String, _ report: some Encodable, at time: UnixTime, from origin: EventOrigin) throws(SQLiteError) {
    try database.run("INSERT INTO incident (time, kind, report) VALUES (?, ?, ?)", time, kind, JSON.text(report))
    try database.run("DELETE FROM incident WHERE number <= (SELECT max(number) FROM incident) - ?", Self.kept)
    guard let epoch = try Epochs(database: database).current() else { return }
    let type = "org.thrum.store.\(kind).v1"
    try Lanes(database: database).append(type, report, at: time, from: origin, in: epoch)
  }

  /// The newest first.
  func all() throws(SQLiteError) -> [IncidentRecord] {
    try database.rows("SELECT time, kind, report FROM incident ORDER BY number DESC") {
      IncidentRecord(time: $0[0], kind: $0[1], report: $0[2])
    }
  }

  private static let kept = 100
}

/// Something that happened to the store.
package struct IncidentRecord: Sendable, Equatable {
  package var time: UnixTime
  package var kind: String
  /// JSON.
  package var report: String
}
