import Anomaly
import Contracts
import Signal
import Store
import TestSupport
import Testing

@Suite("What is watched over weeks, in the store")
struct WatchTests {
  private let bench: Bench
  init() throws { bench = try Bench() }

  @Test("is shown, handed back after a restart, and gone with the baseline")
  func roundTrip() throws {
    let store = try bench.open()
    let record = WatchRecord(
      summary: WatchSummary(
        falseAlarmsPerMonth: 2, decisionSeconds: 3600, budgetSupported: false, progress: 0.25, drift: .slowWear,
        relearnWanted: true,
        driftWords: "grows"), bytes: [1, 2, 3])
    var outcome = try fullOutcome(1)
    outcome.watch = record
    try store.commit(
      change {
        $0.points = [outcome]
        $0.models = [StoredModel(point: point(1), version: "v1", bytes: [1])]
      })
    #expect(try store.reader.points().first?.watch == record.summary)
    #expect(try store.reader.restoredState(session: "plant").points[0].point.watch == record.bytes)
    let shown = try store.reader.status(now: time(1), maxBytes: 1 << 24, budgetBytesPerDay: nil).points[0]
    #expect(shown.budget?.budgetSupported == false && shown.drift?.relearnWanted == true)
    try store.commit(change { $0.people.forgotten = [point(1)] })
    #expect(try store.reader.points().first?.watch == nil)
  }
}
