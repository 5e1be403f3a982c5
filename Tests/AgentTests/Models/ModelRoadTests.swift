import Anomaly
import Contracts
import ModelFixtures
import ModelPackages
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import Store

/// The road of delivered models: from a file to a point, and back.
@Suite struct ModelRoadTests {
  @Test("a good version goes from shadow over canary to active, and loses no frame on its way")
  func good() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    try bench.send(3)
    try bench.offer(package)
    #expect(try bench.stage(package) == .arrived)
    try bench.send(2)
    #expect(try bench.stage(package) == .shadow && bench.speaks() == nil, "in shadow nothing of it is heard")
    try bench.send(21)
    #expect(try bench.stage(package) == .canary)
    try bench.send(22)
    #expect(try bench.stage(package) == .active && bench.road()?.active == package.digest)
    #expect(try bench.speaks() == "pumps 1.2.0")
    #expect(bench.reports.map(\.stage) == ["shadow", "canary", "active"])
    try bench.send(10, .faulty)
    let point = try #require(try bench.store.reader.points().first)
    #expect(point.state.verdict.priority != nil, "it finds the fault")
    #expect(try bench.ledgerIsExact())
  }

  @Test("every kind of input runs at a point", arguments: ImportedModel.Input.allCases)
  func inputs(input: ImportedModel.Input) throws {
    let bench = try RoadBench()
    let limits: [ImportedModel.Input: Float] = [.features: 20, .spectrum: 0.004, .window: 1]
    let names = ["kurtosis", "spectral_flatness", "rms"].filter(FeatureExtractors.all.flatMap { $0.names }.contains)
    let package = try Machine.package(Machine.imported(input, names: names, limit: limits[input] ?? 1))
    try bench.offer(package)
    try bench.send(50)
    #expect(try bench.stage(package) == .active)
    try bench.send(10, .faulty)
    #expect(try bench.store.reader.points().first?.state.verdict.priority != nil)
    #expect(try bench.ledgerIsExact())
  }

  @Test(
    "what was reached is on the disk at every step: a kill costs nothing but windows of the trial",
    arguments: [0, 1, 2, 3, 12, 21, 22, 23, 24, 34, 43, 44, 45, 46])
  func killed(at step: Int) throws {
    let bench = try RoadBench()
    let (good, next) = (try Machine.package(), try Machine.package(version: "1.3.0"))
    try bench.offer(good)
    try bench.send(46)
    #expect(try bench.stage(good) == .active)
    try bench.offer(next, Machine.rollout(next, serial: 2))
    try bench.send(step)
    let (stage, road) = (try bench.stage(next), try bench.road())
    try bench.restart()
    #expect(try bench.stage(next) == stage && bench.road() == road)
    try bench.send(1)
    let speaking = [good, next].first { $0.digest == road?.speaking }
    #expect(try bench.speaks() == speaking.map { "pumps \($0.card.version)" })
    try bench.send(60)
    #expect(try bench.stage(next) == .active && bench.road()?.previous == good.digest)
    #expect(try bench.ledgerIsExact())
  }

  @Test("an offer that was answered is on the disk, whatever comes then")
  func offered() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    try bench.offer(package)
    try bench.restart()
    try bench.send(50)
    #expect(try bench.stage(package) == .active)
  }

  @Test("points that go first go first; the others wait for them in shadow")
  func canaryPoints() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    let both = ["pump/de", "fan/de"]
    try bench.send(1, to: both)
    try bench.offer(package, Machine.rollout(package, canary: ["fan/*"]))
    try bench.send(28, to: both)
    #expect(try bench.road("fan/de")?.stage == .canary && bench.road("pump/de")?.stage == .shadow)
    try bench.send(10, to: both)
    #expect(try bench.road("pump/de")?.stage == .shadow)
    try bench.send(20, to: both)
    #expect(try bench.road("fan/de")?.active == package.digest && bench.road("pump/de")?.active == package.digest)
    #expect(try bench.stage(package) == .active)
  }

  @Test("points that are not chosen, and gateways outside the share, stay as they are")
  func notChosen() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    try bench.offer(package, Machine.rollout(package, points: ["*/*", "!pump/*"]))
    try bench.send(30, to: ["pump/de", "fan/de"])
    #expect(try bench.road("pump/de") == nil && bench.road("fan/de")?.candidate == package.digest)
    let other = try RoadBench()
    var rollout = Machine.rollout(package)
    rollout.sharePPM = 0
    try other.offer(package, rollout)
    try other.send(30)
    #expect(try other.road() == nil)
  }
}
