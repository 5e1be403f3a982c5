import Anomaly
import Contracts
import ModelFixtures
import ModelPackages
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import Store

/// Models that must not get through.
@Suite struct BadModelTests {
  private func refused(
    _ package: ModelPackage, _ change: (inout Rollout) -> Void = { _ in }, configuration: String = RoadBench.configuration()
  ) throws -> String? {
    let bench = try RoadBench(configuration)
    var rollout = Machine.rollout(package)
    change(&rollout)
    try bench.send(5)
    try bench.offer(package, rollout)
    try bench.send(60)
    #expect(try bench.ledgerIsExact(), "nothing is lost over it")
    #expect(try bench.speaks() == nil && bench.road()?.active == nil, "it never spoke")
    let row = try bench.row(package)
    #expect(row?.stage == .failed)
    return row?.reason
  }

  @Test("over its memory") func memory() throws {
    #expect(try refused(Machine.package()) { $0.gates.maxBytes = 10_000 } == "over_memory")
  }

  @Test("slow") func slow() throws {
    let package = try Machine.package(Machine.imported(.spectrum, limit: 0.004))
    #expect(try refused(package) { $0.gates.maxP99Microseconds = 1 } == "over_time")
  }

  @Test("features in another order than it was trained on") func order() throws {
    var golden = try Machine.golden(Machine.learned)
    for index in golden.indices { golden[index].values.swapAt(0, 5) }
    let package = try ModelPackage(card: Machine.card, limits: PackageLimits(), model: Machine.learned, golden: golden)
    #expect(try refused(package) == "golden_features")
  }

  @Test("no number comes out") func notFinite() throws {
    var chain = try LayerChain(inputs: 256)
    try chain.append(.elementwise(.multiply, [0]))
    try chain.append(.elementwise(.divideInto, [0]))
    let shape = ModelShape(windowSamples: 256, sampleRateHz: 2560, unit: .gravity, featureNames: [])
    let model = try ImportedModel(input: .window, shape: shape, parts: ImportedParts(before: chain), limit: 1)
    let golden = GoldenVector.Kind.allCases.map { kind in
      let samples = Machine.window(kind, seed: 1)
      return GoldenVector(kind: kind, samples: samples, values: samples, score: 1)
    }
    let package = try ModelPackage(card: Machine.card, limits: PackageLimits(), model: .imported(model), golden: golden)
    #expect(try refused(package) == "not_finite")
  }

  @Test("for another sample rate") func rate() throws {
    #expect(try refused(Machine.package(), configuration: RoadBench.configuration(rate: 5120)) == "feature_contract")
  }

  @Test("it raises alarms about healthy windows: stopped in shadow")
  func storm() throws {
    // Healthy noise has a mean square of 1/12: a tenth of that is its limit here, though the golden windows pass it.
    let model = try Machine.imported(.window, limit: 0.0848)
    let golden = try Machine.golden(model)
    let picked = golden.filter { ($0.score >= 1) == ($0.kind == .faulty) }
    try #require(Set(picked.map(\.kind)).count == 2)
    let package = try ModelPackage(card: Machine.card, limits: PackageLimits(), model: model, golden: picked)
    #expect(try refused(package) == "alarm_rate")
  }

  @Test("a newer Thrum is needed") func version() throws {
    var card = try Machine.card
    card.leastThrum = "9.0.0"
    let package = try ModelPackage(
      card: card, limits: PackageLimits(), model: Machine.learned, golden: Machine.golden(Machine.learned))
    #expect(try refused(package) == "needs_newer_thrum")
  }
}
