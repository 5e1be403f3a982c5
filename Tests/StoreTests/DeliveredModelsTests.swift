import Anomaly
import Contracts
import SQLite
import Signal
import TestSupport
import Testing

@testable import Store

/// Delivered models and what was decided with them, kept.
@Suite struct DeliveredModelsTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func version(_ number: Int, serial: Int64? = nil, stage: ModelStage = .retired) -> ModelVersionRow {
    ModelVersionRow(
      digest: "d\(number)", model: "pumps", version: "1.\(number)", serial: serial ?? Int64(number), rollout: [1, 2, 3],
      isSigned: true,
      stage: stage, reason: "r", words: "w", since: time(Int64(number)))
  }

  private func prediction(_ number: Int) -> PredictionRow {
    PredictionRow(
      point: point(1), from: time(Int64(number)), to: time(Int64(number + 1)), windows: number,
      model: number % 2 == 0 ? "m" : nil,
      inputs: .nothing, verdict: "normal", reason: nil)
  }

  @Test("versions, roads and the revoked come back after the store was opened again")
  func restores() throws {
    var road = ModelRoadRow(point: point(1))
    (road.active, road.candidate, road.stage, road.evidence) = ("d1", "d2", .canary, "{\"windows\":3}")
    do {
      let store = try bench.open()
      try store.commit(
        change {
          $0.delivered.versions = [version(1), version(2, stage: .canary)]
          $0.delivered.roads = [road]
          $0.delivered.revoked = RevokedRow(serial: 4, digests: ["x"])
        })
    }
    let reader = try bench.open().reader
    #expect(try reader.modelVersions() == [version(2, stage: .canary), version(1)])
    #expect(try reader.modelRoads() == [road])
    #expect(try reader.revokedModels() == RevokedRow(serial: 4, digests: ["x"]))
  }

  @Test("a point that runs a model on trial says its stage, one that runs another says active")
  func stages() throws {
    let store = try bench.open()
    var (road, state) = (ModelRoadRow(point: point(1)), PointState())
    (road.candidate, road.stage, state.modelVersion) = ("d2", .canary, "pumps 1.2")
    var other = PointState()
    other.modelVersion = "pumps 1.2"
    try store.commit(
      change {
        $0.points = [PointOutcome(point: point(1), state: state), PointOutcome(point: point(2), state: other)]
        $0.delivered.versions = [version(2, stage: .canary)]
        $0.delivered.roads = [road]
      })
    let points = try store.reader.status(now: time(1), maxBytes: 1 << 30, budgetBytesPerDay: nil).points
    #expect(points.map(\.stage) == ["canary", "active"] && points.map(\.model) == ["pumps 1.2", "pumps 1.2"])
  }

  @Test("old versions go, the one that a point may go back to stays")
  func bounded() throws {
    let store = try bench.open()
    var road = ModelRoadRow(point: point(1))
    road.previous = "d1"
    try store.commit(
      change {
        $0.delivered.versions = [version(1)]; $0.delivered.roads = [road]
      })
    for number in 2...40 { try store.commit(change { $0.delivered.versions = [version(number)] }) }
    let kept = try store.reader.modelVersions().map(\.digest)
    #expect(kept.count == 17 && kept.first == "d40" && kept.last == "d1")
  }

  @Test("a raised window is confirmed by what people say last of its alarm, or of its point")
  func confirmed() throws {
    let store = try bench.open()
    let shape = ModelShape(windowSamples: 2, sampleRateHz: 100, unit: .gravity, featureNames: [])
    let raised = try alarm(1)
    let member = try #require(raised.members.first)
    func window(_ at: UnixTime, _ point: PointID) -> RaisedWindow {
      RaisedWindow(point: point, time: at, speedRPM: 1485, shape: shape, samples: [0.25, -1])
    }
    let (inside, before) = (window(raised.raisedAt, member), window(raised.raisedAt.advanced(bySeconds: -1000), member))
    try store.commit(
      change {
        $0.people.alarms = [raised]
        $0.delivered.raised = [inside, before]
      })
    #expect(try store.reader.confirmedWindows().isEmpty, "nobody has said anything")
    func label(_ subject: String, _ word: Label.Word, _ seconds: Double) throws {
      let at = raised.raisedAt.advanced(bySeconds: seconds)
      try store.commit(
        change { $0.people.labels = [LabelRow(subject: subject, label: word, fault: nil, note: nil, by: "eve", at: at)] })
    }
    try label(raised.id, .bad, 1)
    #expect(try store.reader.confirmedWindows() == [inside])
    try label(raised.id, .good, 2)
    #expect(try store.reader.confirmedWindows().isEmpty)
    try label("\(member)", .bad, 3)
    #expect(try store.reader.confirmedWindows() == [before, inside])
  }

  @Test("of raised windows the newest 64 are kept")
  func raisedBounded() throws {
    let store = try bench.open()
    let shape = ModelShape(windowSamples: 2, sampleRateHz: 100, unit: .gravity, featureNames: [])
    try store.commit(
      change { change in
        change.delivered.raised = (0..<100).map {
          RaisedWindow(point: point(1), time: time(Int64($0)), speedRPM: nil, shape: shape, samples: [1, 2])
        }
        change.people.labels = [LabelRow(subject: "\(point(1))", label: .bad, fault: nil, note: nil, by: "eve", at: time(1000))]
      })
    let kept = try store.reader.confirmedWindows()
    #expect(kept.count == 64 && kept.first?.time == time(99) && kept.last?.time == time(36))
  }

  @Test("the prediction log is a chain: an edited row, a missing one and one put in are found", arguments: 0..<4)
  func predictions(tampering: Int) throws {
    do {
      let store = try bench.open()
      for number in 1...5 { try store.commit(change { $0.delivered.predictions = [prediction(number)] }) }
      #expect(try store.reader.predictionFinding() == AuditFinding(entries: 5, firstBroken: nil))
    }
    let edits = [
      "UPDATE prediction SET verdict = 'alarm' WHERE row = 3", "DELETE FROM prediction WHERE row = 3",
      "DELETE FROM prediction WHERE row = 1", "UPDATE prediction SET model = 'other' WHERE row = 4",
    ]
    try Database(path: bench.database, mode: .readWriteCreate).execute(edits[tampering])
    let found = try StoreReader(folder: bench.folder.path).predictionFinding()
    #expect(found.firstBroken == [3, 4, 2, 4][tampering])
  }

  @Test("the log's head goes to the plane with alarms and every 256 rows, and is the chain's own")
  func heads() throws {
    let store = try bench.open()
    try store.commit(change { $0.delivered.predictions = [prediction(1)] })
    func heads() throws -> [String] {
      try store.reader.events(newest: 10).filter { $0.type == "org.thrum.predictions.head.v1" }.map {
        String(decoding: $0.bytes, as: UTF8.self)
      }
    }
    #expect(try heads().isEmpty)
    try store.commit(change { $0.delivered.predictions = (2...256).map(prediction) })
    let hash = (1...256).reduce(ChainHash.nothing) { $0.appending(JSON.encode(prediction($1))) }
    #expect(try heads().count == 1)
    #expect(try heads().first?.contains("\"rows\":256") == true && heads().first?.contains(hash.hex) == true)
  }
}
