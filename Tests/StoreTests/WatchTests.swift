import Contracts
import Signal
import Store
import TestSupport
import Testing

@testable import Anomaly

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

  @Test("the status says on how many labels a learned point's probability rests, where somebody labelled its machine's alarms")
  func probabilityLabels() throws {
    let store = try bench.open()
    let model = Self.model
    var watch = PointWatch(model, FalseAlarmBudget())
    for index in 1...16 { watch.label(score: 1 + Double(index) / 8, isFault: index > 8) }
    var outcome = try fullOutcome(1)
    outcome.watch = watch.record(at: time(1))
    (outcome.state.score, outcome.state.modelVersion) = (1.5, model.version)
    try store.commit(change { $0.points = [outcome] })
    func shown() throws -> Int? {
      try store.reader.status(now: time(1), maxBytes: 1 << 24, budgetBytesPerDay: nil).points[0].probabilityLabels
    }
    #expect(try shown() == nil)
    let label = LabelRow(
      subject: "\(point(1).machine)#12", label: .bad, fault: nil, note: nil, by: "anna", at: time(1))
    try store.commit(change { $0.people.labels = [label] })
    #expect(try shown() == 16)
    outcome.state.modelVersion = "delivered-1"
    try store.commit(change { $0.points = [outcome] })
    #expect(try shown() == nil, "a delivered model brings its own calibration")
  }

  private static let model: PointModel = {
    var random = SplitMix64(seed: 1)
    var windows = FeatureTable(features: 4)
    for _ in 0..<60 { windows.append((0..<4).map { _ in Float(random.uniform()) }) }
    return TrainingJob(
      point: PointID(machine: "m", point: "p"),
      shape: ModelShape(
        windowSamples: 1024, sampleRateHz: 12_800, unit: .gravity, featureNames: (0..<4).map { "band_\($0)" }),
      windows: windows, overlappingNeighbours: 1
    ).run()
  }()
}
