import Anomaly
import Contracts
import ModelFixtures
import ModelPackages
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import Store

/// A rollout's points whose windows differ: those that are not the model's are none of its points, and nothing else.
@Suite struct MixedPointsTests {
  /// `de` has the model's windows, `nde` others, `rpm` is a scalar.
  private static let configuration =
    [("de", 2560), ("nde", 5120)].map { point, rate in
      RoadBench.configuration(rate: rate).replacing("{machine}/{point}'", with: "{machine}/\(point)'\npoint = '\(point)'")
    }.joined(separator: "\n") + """

      [[source]]
      topic = 'plant/{machine}/rpm'
      point = 'rpm'
      payload = 'json'
      quantity = 'speed'
      unit = 'rpm'
      """

  private static let (fits, other, scalar) = ("pump/de", "pump/nde", "pump/rpm")
  /// Long enough that it is looked at who takes part.
  private static let aWhile = 30

  @Test("a restart leaves a sound model at work, whichever point sends first")
  func restarted() throws {
    let bench = try RoadBench(Self.configuration)
    let package = try Machine.package()
    try bench.send(3, to: [Self.fits, Self.other])
    try bench.offer(package)
    try bench.send(60, to: [Self.fits, Self.other])
    try #require(try bench.stage(package) == .active)
    try bench.restart()
    try bench.send(Self.aWhile, to: [Self.other])
    #expect(try bench.stage(package) == .active && bench.road()?.active == package.digest)
    try bench.send(1, to: [Self.fits])
    #expect(try bench.speaks() == "pumps 1.2.0")
    #expect(bench.reports.map(\.stage) == ["shadow", "canary", "active"])
  }

  @Test("a new package waits for a point that has not sent since the start, says so, and goes on when it has")
  func waits() throws {
    let bench = try RoadBench(Self.configuration)
    let package = try Machine.package()
    try bench.send(3, to: [Self.fits, Self.other])
    try bench.restart()
    try bench.offer(package)
    try bench.send(Self.aWhile, to: [Self.other])
    let row = try #require(try bench.row(package))
    #expect(row.stage == .shadow && row.reason == "waiting")
    #expect(row.words?.contains("pump/nde: it is for windows of 256 samples at 2560 Hz") == true)
    #expect(row.words?.contains("nothing came yet from pump/de") == true)
    #expect(bench.desk.report.models.first?.words == row.words)
    try bench.send(60, to: [Self.fits])
    #expect(try bench.stage(package) == .active && bench.row(package)?.words == nil)
  }

  @Test("what a point waits for is not said any more once it takes part")
  func takesPart() throws {
    let bench = try RoadBench(Self.configuration)
    let package = try Machine.package()
    try bench.send(3, to: [Self.fits, Self.other])
    try bench.restart()
    try bench.offer(package)
    try bench.send(Self.aWhile, to: [Self.other])
    try bench.send(Self.aWhile - 10, to: [Self.fits])
    let row = try #require(try bench.row(package))
    #expect(row.stage == .shadow && row.reason == nil && row.words == nil)
  }

  @Test("a scalar is not waited for: where every point of samples has other windows the package is refused")
  func scalars() throws {
    let bench = try RoadBench(Self.configuration)
    let package = try Machine.package()
    try bench.send(3, to: [Self.other, Self.scalar])
    try bench.restart()
    try bench.offer(package)
    try bench.send(Self.aWhile, to: [Self.other, Self.scalar])
    #expect(try bench.stage(package) == .failed && bench.row(package)?.reason == "feature_contract")
  }
}
