import Signal
import Testing

@testable import Anomaly

@Suite("Drift from the baseline")
struct DriftTests {
  private static let names = ["rms", "crest", "kurtosis"] + (0..<9).map { "band_\($0)" }
  private static let model: Model = {
    var (random, table) = (SplitMix64(seed: 11), FeatureTable(features: names.count))
    for _ in 0..<300 { table.append(window(&random)) }
    let shape = ModelShape(windowSamples: 1024, sampleRateHz: 12_800, unit: .gravity, featureNames: names)
    return TrainingJob(point: PointID(machine: "m", point: "p"), shape: shape, windows: table, overlappingNeighbours: 0)
      .runAsOne()
  }()

  /// - Parameters: what is added to the logarithm of all levels, of the upper bands alone, and to the shape.
  private static func window(_ random: inout SplitMix64, gain: Double = 0, upper: Double = 0, shape: Double = 0) -> [Float] {
    let bands = (0..<9).map { Float(-3 + 0.2 * random.gaussian() + 2 * gain + ($0 >= 4 ? upper : 0)) }
    let head = [1 + gain + 0.05 * random.gaussian(), 4 + shape + 0.3 * random.gaussian(), 3 + shape + 0.2 * random.gaussian()]
    return head.map { Float($0) } + bands
  }

  /// Days of a window a minute.
  private static func reports(
    days: Int, from start: Int = 0, _ regime: inout RegimeDrift, _ random: inout SplitMix64,
    _ change: (Double) -> (gain: Double, upper: Double, shape: Double)
  ) throws -> [DriftReport] {
    let deciles = try #require(model.deciles)
    return (start * 1440..<(start + days) * 1440).compactMap { minute in
      let (gain, upper, shape) = change(Double(minute) / 1440)
      return window(&random, gain: gain, upper: upper, shape: shape).withUnsafeBufferPointer {
        regime.take(at: UnixTime(seconds: 60 * Double(minute)), model, deciles, $0)
      }
    }
  }

  @Test("two healthy months drift nowhere")
  func healthy() throws {
    var (regime, random) = (RegimeDrift(features: Self.names.count), SplitMix64(seed: 3))
    #expect(regime.figures == nil)
    #expect(try Self.reports(days: 60, &regime, &random) { _ in (0, 0, 0) }.isEmpty)
    #expect(try #require(regime.figures).psi < 0.25)
  }

  @Test("what kind of drift it is, told once, and its end")
  func kinds() throws {
    let changes: [(DriftKind, (Double) -> (gain: Double, upper: Double, shape: Double))] = [
      (.sensor, { $0 < 1 ? (0, 0, 0) : (0.4, 0, 0) }),
      (.suddenChange, { $0 < 1 ? (0, 0, 0) : (0, 1, 0.6) }),
      (.slowWear, { (0, min(0.5 * $0, 1.5), 0) }),
    ]
    for (kind, change) in changes {
      var (regime, random) = (RegimeDrift(features: Self.names.count), SplitMix64(seed: 4))
      let told = try Self.reports(days: 4, &regime, &random, change)
      #expect(told.map(\.kind) == [kind])
      let report = try #require(told.first)
      #expect(regime.figures.map { $0.psi > 0.25 && $0.ks > 0.2 && $0.ks <= 1 } == true)
      #expect(report.relearnWanted == (kind != .sensor))
      #expect(report.features.first.map { $0.psi > 0.25 && $0.ks > 0.2 } == true)
      let after = try Self.reports(days: 2, from: 4, &regime, &random) { _ in (0, 0, 0) }
      #expect(after.map(\.kind) == [nil])
    }
  }

  @Test("a bad hour is no drift")
  func hour() throws {
    var (regime, random) = (RegimeDrift(features: Self.names.count), SplitMix64(seed: 5))
    #expect(try Self.reports(days: 3, &regime, &random) { $0 > 1 && $0 < 1.05 ? (0, 3, 2) : (0, 0, 0) }.isEmpty)
  }

  @Test("population stability index and distance agree with their definitions")
  func measures() {
    var table = FeatureTable(features: 1)
    for value in 0..<100 { table.append([Float(value)]) }
    let deciles = FeatureDeciles(table)
    var look = DriftLook(features: 1)
    // All of it in the uppermost tenth.
    for _ in 0..<1000 { [Float(95)].withUnsafeBufferPointer { look.take($0, deciles, at: UnixTime(seconds: 0)) } }
    #expect(abs(look.distance(0) - 0.9) < 0.01)
    // (1 - 0.1) ln 10 and nine bins that are all but empty: half a window of 1005.
    #expect(abs(look.populationStability(0) - 6.81) < 0.05)
    #expect(look.shift(0) == 95)
  }

  @Test("goes on after a restart where it was; another model begins anew")
  func restart() throws {
    let model = PointModel(Self.model)
    var (watch, random) = (PointWatch(model, FalseAlarmBudget()), SplitMix64(seed: 6))
    var told: [DriftReport] = []
    for minute in 0..<1440 {
      let time = UnixTime(seconds: 60 * Double(minute))
      if minute % 200 == 199, let record = watch.record(at: time.advanced(bySeconds: 3600)) {
        watch = PointWatch(model, FalseAlarmBudget(), restored: record.bytes)
      }
      Self.window(&random, upper: 1).withUnsafeBufferPointer { features in
        if let report = watch.takeDrift(features, Self.model, regime: 0, at: time) { told.append(report) }
      }
    }
    #expect(told.map(\.kind) == [.suddenChange])
    #expect(watch.summary.relearnWanted)
    let bytes = try #require(watch.record(at: UnixTime(seconds: 1e6))?.bytes)
    #expect(PointWatch(model, FalseAlarmBudget(), restored: bytes).summary.drift == .suddenChange)
    #expect(PointWatch(PointModel(ModelTests.model), FalseAlarmBudget(), restored: bytes).summary.drift == nil)
    #expect(PointWatch(model, FalseAlarmBudget(), restored: Array(bytes.dropLast(9))).summary.drift == nil)
  }
}
