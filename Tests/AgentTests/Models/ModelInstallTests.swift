import Anomaly
import Contracts
import ModelFixtures
import ModelPackages
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import Store

/// Packages that a person brings as a file, and the record of what was decided.
@Suite struct ModelInstallTests {
  private static let root = Caller(uid: 0, name: "root", role: .admin)

  private func install(_ bench: RoadBench, _ package: ModelPackage) async throws -> Result<InstallModel.Reply, CallProblem> {
    let path = bench.folder.path + "/pumps.thrum"
    try DurableBytes.write(package.encoded(), to: path)
    let call = InstallModel(file: path, points: ["*/*"], shadowWindows: 5, canaryWindows: 5)
    return await ModelDesk.install(call, by: Self.root, bench.desk)
  }

  @Test("a package that nobody has signed is refused, with what to do")
  func refused() async throws {
    let bench = try RoadBench()
    guard case .failure(let problem) = try await install(bench, Machine.package()) else { throw Unexpected() }
    #expect(problem.kind == .forbidden && problem.remedy?.contains("allow_unsigned") == true)
    try bench.send(3)
    #expect(try bench.store.reader.modelVersions().isEmpty)
  }

  private struct Unexpected: Error {}

  @Test("where it is allowed it goes the same road, is called unsigned wherever it is named, and who brought it is on record")
  func allowed() async throws {
    let bench = try RoadBench(RoadBench.configuration() + "\n[models]\nallow_unsigned = true\n")
    let package = try Machine.package()
    guard case .success(let reply) = try await install(bench, package) else { throw Unexpected() }
    #expect(reply == .init(model: "pumps", version: "1.2.0", sha256: package.digest))
    try bench.send(16)
    #expect(try bench.stage(package) == .active && bench.row(package)?.isSigned == false)
    #expect(try bench.speaks() == "pumps 1.2.0 (unsigned)")
    #expect(bench.reports.last?.signed == false)
    #expect(bench.desk.report.models.first?.signed == false)
    #expect(try bench.store.reader.audit(newest: 1).first?.call == "install-model")
    // A signed version of it takes its place.
    let signed = try Machine.package(version: "1.3.0")
    try bench.offer(signed)
    try bench.send(46)
    #expect(try bench.speaks() == "pumps 1.3.0")
  }

  @Test("every window is in the prediction log, with the model that decided, and the plane is told where its chain stands")
  func predictions() throws {
    let bench = try RoadBench()
    try bench.offer(Machine.package())
    try bench.send(46)
    try bench.send(10, .faulty)
    try bench.wait(seconds: 61)
    try bench.send(1)
    let rows = try bench.store.reader.predictions()
    #expect(rows.map(\.windows).reduce(0, +) == 57)
    #expect(Set(rows.map(\.model)) == [nil, "pumps 1.2.0"])
    #expect(rows.contains { $0.verdict == "alarm" && $0.model == "pumps 1.2.0" })
    #expect(try bench.store.reader.predictionFinding() == AuditFinding(entries: rows.count, firstBroken: nil))
    let heads = try bench.store.reader.events(newest: 100).filter { $0.type == "org.thrum.predictions.head.v1" }
    #expect(!heads.isEmpty, "an alarm was raised, and the log behind it is told of")
  }

  @Test("what is reported to the plane names the gate, and how far it is")
  func reported() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    try bench.offer(package)
    try bench.send(12)
    let version = try #require(bench.desk.report.models.first)
    #expect(version.sha256 == package.digest && version.stage == "shadow" && version.state == "running")
    let gate = try #require(version.points.first?.gates.first { $0.gate == .windows })
    #expect(gate.state == .open && gate.limit == 20 && (8...12).contains(gate.value))
    try bench.restart()
    try bench.send(1)
    #expect(bench.desk.report.models.first?.points.first?.stage == "shadow")
  }
}
