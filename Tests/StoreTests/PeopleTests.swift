import Anomaly
import Contracts
import Foundation
import SQLite
import Signal
import TestSupport
import Testing

@testable import Store

/// What people said, kept.
@Suite struct PeopleStoreTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private let eve = Caller(uid: 7, name: "eve", role: .operator)

  private func shelf(until seconds: Int64? = 100) -> Suppression {
    Suppression(
      reason: .shelved, by: "eve", since: time(1), until: seconds.map(time), note: "later", alarm: "pump-1#1")
  }

  @Test("everything comes back after the store was opened again, and goes when it is taken back")
  func restores() throws {
    var changed = try alarm(1, state: .shelved)
    (changed.suppressedBy, changed.suppressedUntil, changed.note) = ("eve", time(100), "later")
    let said = LabelRow(subject: "pump-1#1", label: .bad, fault: "outer", note: nil, by: "eve", at: time(2))
    let repair = MaintenanceRow(
      machine: "pump-1", point: "drive-end", note: "greased", resetBaseline: false, by: "eve", at: time(3))
    do {
      let store = try bench.open()
      try store.commit(change(points: [try fullOutcome(1)]))
      try store.commit(
        change {
          $0.people.alarms = [changed]
          $0.people.suppressions = [point(1): shelf()]
          $0.people.learningStops = [point(1): LearningStop(by: "eve", since: time(1))]
          $0.people.labels = [LabelRow(subject: "pump-1#1", label: .unsure, fault: nil, note: "?", by: "bob", at: time(1)), said]
          $0.people.maintenance = [repair]
        })
    }
    let store = try bench.open()
    let restored = try store.reader.restoredState(session: "plant")
    #expect(restored.suppressions == [point(1): shelf()])
    #expect(restored.learningStops == [point(1): LearningStop(by: "eve", since: time(1))])
    #expect(restored.alarms == [changed])
    #expect(try store.reader.labels() == ["pump-1#1": said], "the last word counts")
    #expect(try store.reader.maintenance(newest: 5) == [repair])
    let status = try store.reader.status(now: time(5), maxBytes: 1, budgetBytesPerDay: nil)
    #expect(status.points.map(\.verdict) == ["suppressed"] && status.points[0].reason == "shelved")
    #expect(status.points[0].suppression?.verdict == "abstain")
    try store.commit(
      change {
        $0.people.suppressions[point(1)] = .some(nil)
        $0.people.learningStops[point(1)] = .some(nil)
      })
    #expect(try store.reader.restoredState(session: "plant").suppressions.isEmpty)
    #expect(try store.reader.points().allSatisfy { $0.suppression == nil && $0.learningStop == nil })
  }

  @Test("a point that is told to forget keeps neither windows nor model, whatever its batch brought")
  func forgets() throws {
    let store = try bench.open()
    try store.commit(
      change {
        $0.points = [try fullOutcome(1)]
        $0.models = [StoredModel(point: point(1), version: "v1", bytes: [1])]
        $0.people.forgotten = [point(1)]
      })
    let restored = try #require(try store.reader.restoredState(session: "plant").points.first)
    #expect(restored.point.model == nil && restored.point.baseline.isEmpty)
  }

  @Test("the audit log is a chain: an edited row, a missing one and one put in are found", arguments: 0..<4)
  func audit(tampering: Int) throws {
    let rows = (1...5).map { AuditRow(Acknowledge(alarm: "pump#\($0)"), by: eve, at: time(Int64($0))) }
    do {
      let store = try bench.open()
      for row in rows { try store.commit(change { $0.people.audit = [row] }) }
      #expect(try store.reader.audit(newest: 3) == rows.suffix(3))
      #expect(try store.reader.auditFinding() == AuditFinding(entries: 5, firstBroken: nil))
    }
    let edits = [
      "UPDATE audit SET person = 'bob' WHERE row = 3", "DELETE FROM audit WHERE row = 3", "DELETE FROM audit WHERE row = 1",
      "UPDATE audit SET at = at + 1000000000 WHERE row = 3",
    ]
    try Database(path: bench.database, mode: .readWriteCreate).execute(edits[tampering])
    let found = try StoreReader(folder: bench.folder.path).auditFinding()
    #expect(found.firstBroken == [3, 4, 2, 3][tampering])
  }

  @Test("a salvage keeps what people said")
  func salvaged() throws {
    let said = LabelRow(subject: "pump-1#1", label: .bad, fault: "outer", note: nil, by: "eve", at: time(2))
    do {
      let store = try bench.open()
      try store.commit(change(points: [try fullOutcome(1)]))
      try store.commit(
        change {
          $0.people.suppressions = [point(1): shelf()]
          $0.people.learningStops = [point(1): LearningStop(by: "eve", since: time(1))]
          $0.people.labels = [said]
        })
    }
    _ = try Database(path: bench.database, mode: .readWriteCreate).first("PRAGMA wal_checkpoint(TRUNCATE)") { $0[0] as Int }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: bench.database))
    try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
    try file.close()
    let store = try bench.open()
    #expect(store.opening.salvage != nil)
    let restored = try store.reader.restoredState(session: "plant")
    #expect(restored.suppressions == [point(1): shelf()])
    #expect(restored.learningStops == [point(1): LearningStop(by: "eve", since: time(1))])
    #expect(try store.reader.labels() == ["pump-1#1": said])
  }

  @Test("a store of the first schema is taken over with all its alarms")
  func migrates() throws {
    do { try bench.open().commit(change(points: [try fullOutcome(1)])) }
    let database = try Database(path: bench.database, mode: .readWriteCreate)
    let later =
      ["suppression", "learning_stop", "label", "maintenance", "audit", "gap", "eviction", "incident", "written"]
      + ["model_version", "model_road", "revoked", "raised_window", "prediction", "watch", "doubt"]
    for table in later { try database.execute("DROP TABLE \(table)") }
    for column in ["suppressed_by", "suppressed_until", "note"] {
      try database.execute("ALTER TABLE alarm DROP COLUMN \(column)")
    }
    try database.execute("PRAGMA user_version = 1")
    let store = try bench.open()
    #expect(try store.reader.alarms(newest: 5) == [try alarm(1)])
    try store.commit(change { $0.people.suppressions = [point(1): shelf(until: nil)] })
    #expect(try store.reader.points().first?.suppression == shelf(until: nil))
  }
}
