import Agent
import Anomaly
import Contracts
import Foundation
import SQLite
import Signal
import Store
import TestSupport
import Testing

@testable import ControlPlane

/// The plane asks a gateway for what it kept: it comes once more, in its lane, and can be written out.
@Suite struct AskingTests {
  private static let time = UnixTime(seconds: 1_800_000_100)

  /// An alarm with its waveform in one commit, as the pipeline hands it over.
  private func raise(_ site: Site, samples: Int = 12_800) throws -> (event: String, evidence: String) {
    var outcome = PointOutcome(point: PointID(machine: "pump-3", point: "drive-end"), state: PointState())
    outcome.waveforms = [
      WaveformSnapshot(
        point: outcome.point, cause: .alarm, time: Self.time, samples: (0..<samples).map { Float($0 * 7919 % 1000) },
        sampleRateHz: 12_800, unit: .metrePerSecondSquared)
    ]
    outcome.occurrences = [
      Occurrence(arrival: 0, time: Self.time, subject: "pump-3", kind: .inService(PointAnswer(by: "somebody")))
    ]
    var change = Change()
    change.points = [outcome]
    try site.store.commit(change)
    let event = try #require(try site.store.reader.events(newest: 1, of: .alarm).first)
    let part = try #require(try site.store.reader.events(newest: 100, of: .evidence).last)
    return (event.id, part.id)
  }

  private func ask(_ site: Site, _ what: PlaneQuestion.What, _ event: String? = nil) throws -> String {
    let id = Nonce.random().hex
    try Questions(database: site.database).add(
      .init(fleet: "demo", gateway: "gw-1", question: PlaneQuestion(id: id, what: what, event: event)))
    return id
  }

  private struct Asked: Decodable { var data: AskedReport }

  private func answer(_ site: Site, _ id: String) throws -> AskedReport? {
    guard let reader = try? PlaneReader(path: site.database) else { return nil }
    return try reader.events().lazy.filter { $0.type == AskedReport.type }
      .compactMap { try? JSON.decode(Asked.self, from: $0.bytes).data }.first { $0.question == id }
  }

  private func forgetEvidence(_ site: Site) throws {
    site.stopPlane()
    let plane = try Database(path: site.database, mode: .readWriteCreate)
    try plane.execute("DELETE FROM event WHERE lane = 'evidence'")
  }

  @Test("a waveform that the plane has lost comes again when it is asked for, and can be written out; the question is asked once")
  func again() throws {
    let site = try Site()
    let kept = try raise(site)
    try site.startPlane()
    try site.startUplink()
    #expect(try eventually { try site.store.reader.numbering()?.unsentEvents == 0 })
    try forgetEvidence(site)
    #expect(try PlaneReader(path: site.database).evidence().isEmpty)
    let question = try ask(site, .evidence, kept.event)
    try site.startPlane()
    #expect(try eventually { try answer(site, question)?.outcome == .sent })
    #expect(try answer(site, question)?.evidence == [kept.evidence])
    #expect(try eventually { try PlaneReader(path: site.database).evidence().first.map { $0.partsHere == $0.parts } == true })
    let document = try PlaneReader(path: site.database).waveform(kept.evidence, key: nil)
    #expect(document.samples.count == 12_800)
    #expect(try eventually { try Questions(database: site.database).all().isEmpty })
    let last = try site.store.reader.numbering()?.lanes.first { $0.lane == .evidence }?.last
    // A new hello asks nothing again.
    site.stopUplink()
    try site.startUplink()
    try site.commitEvents(3)
    #expect(try eventually { try site.isDelivered() })
    #expect(try site.store.reader.numbering()?.lanes.first { $0.lane == .evidence }?.last == last)
  }

  @Test("what waits in its lane is not sent twice; what was never kept, and what is not known, is said")
  func others() throws {
    let site = try Site()
    let kept = try raise(site)
    func outcome(_ event: String) throws -> AskedReport.Outcome? {
      try site.store.reader.answer(PlaneQuestion(id: "q", what: .evidence, event: event), at: Self.time)?.report.outcome
    }
    #expect(try outcome(kept.event) == .waiting)
    #expect(try outcome(kept.evidence) == .waiting)
    #expect(try site.store.reader.answer(PlaneQuestion(id: "q", what: .evidence, event: kept.event), at: Self.time)?.parts == [])
    try site.commitEvents(1)
    let other = try #require(try site.store.reader.events(newest: 1, of: .event).first)
    #expect(try outcome(other.id) == .notKept)
    for id in ["", "gw-1:zz:alarm:1", "a:b", kept.event + "0", "gw-1:\(String(repeating: "0", count: 32)):alarm:1"] {
      #expect(try outcome(id) == .unknown)
    }
  }

  @Test("the ledger comes when it is asked for, also by a question from before the gateway was there")
  func ledger() throws {
    let site = try Site()
    var outcome = PointOutcome(point: PointID(machine: "pump-3", point: "drive-end"), state: PointState())
    (outcome.ledger.received, outcome.ledger.analysed) = (7, 7)
    var change = Change()
    change.points = [outcome]
    try site.store.commit(change)
    try site.startPlane()
    let question = try ask(site, .ledger)
    try site.startUplink()
    #expect(try eventually { try answer(site, question)?.outcome == .sent })
    #expect(try eventually { try PlaneReader(path: site.database).ledgers().map(\.received) == [7] })
  }
}
