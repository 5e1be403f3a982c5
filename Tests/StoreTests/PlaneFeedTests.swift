import Anomaly
import Contracts
import SQLite
import Signal
import TestSupport
import Testing

@testable import Store

/// What the lanes of measurements hold.
@Suite struct PlaneFeedTests {
  let folder: TemporaryFolder
  static let point = PointID(machine: "pump", point: "de")
  static let start = UnixTime(seconds: 1_800_000_000)

  init() throws { folder = try TemporaryFolder() }

  func open(_ edit: (inout StoreSettings) -> Void = { _ in }) throws -> Store {
    var settings = StoreSettings(
      origin: EventOrigin(fleet: "demo", gateway: "gw-1"), version: "1", startedAt: Self.start, binding: [1])
    settings.feedsPlane = true
    edit(&settings)
    return try Store.open(folder: folder.path("state"), settings: settings)
  }

  func row(_ minute: Int) -> TrendRow {
    TrendRow(
      time: Self.start.advanced(bySeconds: Double(60 * minute)), velocityRMS: 1.23456, rms: Double(minute), kurtosis: 3,
      probability: nil,
      verdict: .normal)
  }

  func commit(_ minutes: Range<Int>, to store: Store) throws {
    for minute in minutes {
      var change = Change()
      var outcome = PointOutcome(point: Self.point, state: PointState())
      outcome.trend = [row(minute)]
      change.points = [outcome]
      try store.commit(change)
    }
  }

  private struct Item<Payload: Decodable>: Decodable {
    var type: String
    var data: Payload
  }

  func reports(_ store: Store) throws -> [TrendReport] {
    try store.reader.items(of: .trend, beyond: 0, bytes: .max).compactMap {
      try? JSON.decode(Item<TrendReport>.self, from: $0.bytes).data
    }
  }

  @Test("every row of a history goes to the plane once, across restarts and half-filled quarters")
  func trends() throws {
    try commit(0..<20, to: try open())
    let store = try open()
    try commit(20..<47, to: store)
    let rows = try reports(store).flatMap(\.rms)
    #expect(rows == (0..<45).map(Double.init))
    #expect(try reports(store).first?.velocityRmsMmS.first == 1.235)
  }

  @Test("without a plane that wants them no measurements are made ready")
  func unfed() throws {
    let store = try open { $0.feedsPlane = false }
    try commit(0..<40, to: store)
    #expect(try store.reader.items(of: .trend, beyond: 0, bytes: .max).isEmpty)
  }

  func snapshot(_ cause: WaveformSnapshot.Cause) -> WaveformSnapshot {
    var dice = SplitMix64(seed: 3)
    return WaveformSnapshot(
      point: Self.point, cause: cause, time: Self.start, samples: (0..<30_000).map { _ in Float(dice.next() % 40_001) / 100 },
      sampleRateHz: 12_800, unit: .metrePerSecondSquared)
  }

  @Test("evidence is sealed where there is a key, in items of at most 12 KiB; nothing of it lies open in the file")
  func evidence() throws {
    let key = [UInt8](0..<32)
    let store = try open { $0.evidenceKey = key }
    var change = Change()
    var outcome = PointOutcome(point: Self.point, state: PointState())
    outcome.waveforms = [snapshot(.alarm), snapshot(.healthy)]
    change.points = [outcome]
    try store.commit(change)
    for lane in [Lane.evidence, .sample] {
      let items = try store.reader.items(of: lane, beyond: 0, bytes: .max)
      #expect(items.count > 1)
      #expect(items.allSatisfy { $0.bytes.count <= 12 * 1024 })
      let parts = try items.map { try JSON.decode(Item<WaveformPart>.self, from: $0.bytes).data }
      let joined = try WaveformPart.join(parts)
      let name = try #require(parts.first?.evidence)
      let document = try WaveformDocument(decoding: WaveformBox.open(joined.box, codec: joined.codec, key: key, name: name))
      #expect(document.samples.count == 30_000)
      #expect(joined.codec == .sealed)
      let ids = try store.reader.events(newest: .max, of: lane).map(\.id)
      #expect(ids.contains(name))
    }
  }

  @Test("\"asked\" keeps what somebody asked for, and nothing else")
  func policy() throws {
    let store = try open { $0.keepsEvidence = false }
    var change = Change()
    var outcome = PointOutcome(point: Self.point, state: PointState())
    outcome.waveforms = [snapshot(.alarm)]
    change.points = [outcome]
    try store.commit(change)
    #expect(try store.reader.items(of: .evidence, beyond: 0, bytes: .max).isEmpty)
    outcome.waveforms = [snapshot(.asked)]
    change.points = [outcome]
    try store.commit(change)
    #expect(try store.reader.items(of: .evidence, beyond: 0, bytes: .max).isEmpty == false)
  }

  @Test("feature vectors of a baseline become samples; the means that a scalar learns from do not")
  func features() throws {
    let store = try open()
    var change = Change()
    var outcome = PointOutcome(point: Self.point, state: PointState())
    let count = Analyzers.featureNames.count
    outcome.baseline = (0..<3).map {
      BaselineWindow(index: $0, features: Array(repeating: Float($0), count: count), speedRPM: 1480)
    }
    var scalar = PointOutcome(point: PointID(machine: "pump", point: "oil"), state: PointState())
    scalar.baseline = [BaselineWindow(index: 0, features: [61.5])]
    change.points = [outcome, scalar]
    try store.commit(change)
    let items = try store.reader.items(of: .sample, beyond: 0, bytes: .max)
    let sample = try #require(try items.first.map { try JSON.decode(Item<FeatureSample>.self, from: $0.bytes).data })
    #expect(items.count == 1)
    #expect(sample.windows == 3)
    #expect(sample.speedRpm == [1480, 1480, 1480])
  }

  @Test("lanes that a former version did not know begin where the numbering in force begins")
  func migrated() throws {
    _ = try open()
    let database = try Database(path: folder.path("state/thrum.db"), mode: .readWriteCreate)
    try database.execute(
      "DELETE FROM lane WHERE lane IN ('trend', 'evidence', 'sample'); DROP TABLE doubt; PRAGMA user_version = 4")
    let store = try open()
    let numbering = try #require(try store.reader.numbering())
    #expect(numbering.lanes.map(\.lane) == Lane.allCases)
    #expect(numbering.lanes.allSatisfy { $0.last > 0 || $0.hash == ChainHash(numbering.epoch) })
    try commit(0..<15, to: store)
    #expect(try reports(store).count == 1)
  }
}
