import Anomaly
import Signal
import Store

/// What was decided and acknowledged while the store could not be written (`store.on_full = "volatile"`): states and alarms wait in
/// memory for the store's return, and so does what people ordered just before; everything else is given up and counted. Used by the
/// ingest thread alone.
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
    all.people = all.people.followed(by: newer)
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
    kept.occurrences = keep(kept.occurrences, given.occurrences, &report)
    kept.people = kept.people.followed(by: given)
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
    kept.occurrences = keep(kept.occurrences, outcome.occurrences, &report)
    kept.alarms = kept.alarms.filter { old in !outcome.alarms.contains { $0.id == old.id } } + outcome.alarms
    kept.baseline = Array((kept.baseline + outcome.baseline).suffix(Self.mostWindows))
    points[outcome.point] = kept
  }

  /// Alarms and what people ordered, the newest of them.
  private func keep(_ old: [Occurrence], _ new: [Occurrence], _ report: inout UnstoredReport) -> [Occurrence] {
    let all = old + new.filter(\.isKept)
    report.events += old.count + new.count - min(all.count, Self.mostAlarms)
    return all.suffix(Self.mostAlarms)
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
  fileprivate var isKept: Bool {
    switch kind {
    case .alarmRaised, .alarmEscalated, .alarmCleared: true
    case .alarmAcknowledged, .alarmShelved, .alarmUnshelved, .outOfService, .inService, .maintained, .learning, .labelled: true
    default: false
    }
  }
}

extension PeopleChange {
  /// What both say; the newer counts where they differ, also over an alarm as people left it.
  fileprivate func followed(by newer: Change) -> PeopleChange {
    var all = self
    let moved = Set(newer.points.flatMap { $0.alarms.map(\.id) })
    all.alarms.removeAll { moved.contains($0.id) }
    for alarm in newer.people.alarms { all.note(alarm) }
    all.suppressions.merge(newer.people.suppressions) { $1 }
    all.learningStops.merge(newer.people.learningStops) { $1 }
    all.forgotten += newer.people.forgotten.filter { !all.forgotten.contains($0) }
    all.labels += newer.people.labels
    all.maintenance += newer.people.maintenance
    all.audit += newer.people.audit
    return all
  }
}
