import Anomaly
import Contracts
import SQLite
import Signal
import TestSupport
import Testing

@testable import Store

/// Waveforms lie in the store as items of a lane: what protects an event protects them.
@Suite struct DamagedEvidenceTests {
  @Test("each of 500 flipped bits in kept waveforms is noticed when the store is read through")
  func flips() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("state") + "/thrum.db"
    try keepWaveforms(in: folder.path("state"))
    let database = try Database(path: path, mode: .readWriteCreate)
    let rows = try database.rows("SELECT rowid, bytes FROM event WHERE lane = ?", Lane.evidence.rawValue) {
      (id: $0[0] as Int, bytes: $0[1] as [UInt8])
    }
    #expect(rows.reduce(0) { $0 + $1.bytes.count } > 40_000)
    #expect(try Scrub(path).run { true } == nil)
    var dice = SplitMix64(seed: 11)
    for _ in 0..<500 {
      let row = rows[dice.index(below: rows.count)]
      var bytes = row.bytes
      bytes[dice.index(below: bytes.count)] ^= 1 << UInt8(dice.index(below: 8))
      try database.run("UPDATE event SET bytes = ? WHERE rowid = ?", bytes, row.id)
      #expect(try Scrub(path).run { true }?.contains("lane \(Lane.evidence.rawValue) is not what was written") == true)
      try database.run("UPDATE event SET bytes = ? WHERE rowid = ?", row.bytes, row.id)
    }
  }

  private func keepWaveforms(in folder: String) throws {
    var settings = StoreSettings(
      origin: EventOrigin(fleet: "demo", gateway: "gw-1"), version: "1", startedAt: PlaneFeedTests.start, binding: [1])
    settings.feedsPlane = true
    let store = try Store.open(folder: folder, settings: settings)
    var change = Change()
    var outcome = PointOutcome(point: PlaneFeedTests.point, state: PointState())
    outcome.waveforms = [try PlaneFeedTests().snapshot(.alarm)]
    change.points = [outcome]
    try store.commit(change)
  }
}
