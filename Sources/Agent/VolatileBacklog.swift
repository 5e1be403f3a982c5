import Anomaly
import Signal
import Store

/// What was decided and acknowledged while the store could not be written (`store.on_full = "volatile"`): states and alarms wait in
/// memory for the store's return, everything else is given up and counted. Used by the ingest thread alone.
final class VolatileBacklog {
  private(set) var change: Change?
  private var points: [PointID: PointOutcome] = [:]
  private var order: [PointID] = []

  /// Occurrences of alarms, and windows of baselines, that memory holds at most.
  static let mostAlarms = 1000
  static let mostWindows = 10_000

  var isEmpty: Bool { change == nil }

  func clear() { (change, points, order) = (nil, [:], []) }

  /// Everything that waits, with `newer` behind it, as it goes into one commit; `newer` alone is whole.
  func adding(_ newer: Change) -> Change {
    guard var all = change else { return newer }
    all.points = order.compactMap { points[$0] } + newer.points
    all.occurrences += newer.occurrences
    all.models += newer.models
    all.unassigned += newer.unassigned
    all.session = Self.joined(all.session, newer.session)
    all.daemon = newer.daemon ?? all.daemon
    all.positions += newer.positions
    all.delivered = all.delivered.adding(newer.delivered)
    (all.clock, all.clockJump) = (newer.clock ?? all.clock, newer.clockJump ?? all.clockJump)
    return all
  }

  /// Takes what could not be committed: from here on it may be acknowledged.
  func absorb(_ given: Change, reason: String, at now: UnixTime) {
    var kept = change ?? Change()
    var report = kept.unstored ?? UnstoredReport(from: now, to: now, reason: reason)
    (report.to, report.reason) = (now, reason)
    for outcome in given.points { absorb(outcome, &report) }
    kept.occurrences += given.occurrences.filter(\.isAlarm)
    report.events += given.occurrences.count { !$0.isAlarm }
    kept.models = given.models + kept.models.filter { old in !given.models.contains { $0.point == old.point } }
    kept.unassigned += given.unassigned
    kept.session = Self.joined(kept.session, given.session)
    kept.daemon = given.daemon ?? kept.daemon
    kept.positions = given.positions + kept.positions.filter { old in !given.positions.contains { $0.lane == old.lane } }
    kept.delivered = kept.delivered.adding(given.delivered).withoutRows
    kept.unstored = report
    (kept.clock, kept.clockJump) = (given.clock ?? kept.clock, given.clockJump ?? kept.clockJump)
    change = kept
  }

  private func absorb(_ outcome: PointOutcome, _ report: inout UnstoredReport) {
    var kept = points[outcome.point] ?? PointOutcome(point: outcome.point, state: outcome.state)
    if points[outcome.point] == nil { order.append(outcome.point) }
    kept.state = outcome.state
    kept.sequences = outcome.sequences ?? kept.sequences
    // Decided, but of what was decided nothing is kept.
    var counts = outcome.ledger
    report.frames += counts.analysed
    if counts.analysed > 0 { counts.dropped[.unstored, default: 0] += counts.analysed }
    counts.analysed = 0
    kept.ledger += counts
    report.trendRows += outcome.trend.count
    let alarms = outcome.occurrences.filter(\.isAlarm)
    report.events += outcome.occurrences.count - alarms.count
    kept.occurrences += alarms
    if kept.occurrences.count > Self.mostAlarms {
      report.events += kept.occurrences.count - Self.mostAlarms
      kept.occurrences.removeFirst(kept.occurrences.count - Self.mostAlarms)
    }
    kept.alarms = kept.alarms.filter { old in !outcome.alarms.contains { $0.id == old.id } } + outcome.alarms
    kept.baseline = Array((kept.baseline + outcome.baseline).suffix(Self.mostWindows))
    points[outcome.point] = kept
  }

  private static func joined(_ older: SessionChange?, _ newer: SessionChange?) -> SessionChange? {
    guard var joined = newer, let older else { return newer ?? older }
    if !joined.isLost {
      joined.rows = Array((older.rows + joined.rows).suffix(RedeliveryRing.capacity))
      joined.isLost = older.isLost
    }
    return joined
  }
}

extension Occurrence {
  fileprivate var isAlarm: Bool {
    switch kind {
    case .alarmRaised, .alarmEscalated, .alarmCleared: true
    default: false
    }
  }
}
