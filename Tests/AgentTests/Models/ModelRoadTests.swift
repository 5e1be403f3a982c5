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

/// The way back.
@Suite struct ModelRollbackTests {
  private func atWork() throws -> (RoadBench, good: ModelPackage, next: ModelPackage) {
    let bench = try RoadBench()
    let (good, next) = (try Machine.package(), try Machine.package(version: "1.3.0"))
    try bench.offer(good)
    try bench.send(46)
    try bench.offer(next, Machine.rollout(next, serial: 2))
    try bench.send(46)
    #expect(try bench.stage(next) == .active)
    return (bench, good, next)
  }

  @Test("a rollout that says rollback brings back the last good version, after a restart too")
  func ordered() throws {
    let (bench, good, next) = try atWork()
    var rollout = Machine.rollout(next, serial: 3)
    rollout.state = .rollback
    try bench.desk.offer(packageAt: nil, digest: next.digest, rollout: rollout)
    try bench.restart()
    try bench.send(2)
    let row = try #require(try bench.row(next))
    #expect(row.stage == .rolledBack && row.reason == "ordered")
    #expect(try bench.road()?.active == good.digest && bench.speaks() == "pumps 1.2.0")
    rollout.serial = 4
    try bench.desk.offer(packageAt: nil, digest: next.digest, rollout: rollout)
    try bench.send(2)
    #expect(try bench.row(next)?.serial == 4 && bench.row(next)?.reason == "ordered", "said twice it is done once")
    #expect(try bench.ledgerIsExact())
  }

  @Test("what is revoked is not gone back to either")
  func revoked() throws {
    let (bench, good, next) = try atWork()
    try bench.desk.revoke(RevokedModels(serial: 1, digests: [good.digest]))
    try bench.send(1)
    #expect(try bench.road()?.previous == nil && bench.road()?.active == next.digest)
    try bench.desk.revoke(RevokedModels(serial: 2, digests: [good.digest, next.digest]))
    try bench.desk.revoke(RevokedModels(serial: 1, digests: []))
    try bench.restart()
    try bench.send(1)
    #expect(try bench.road()?.active == nil && bench.speaks() == nil)
    #expect(try bench.stage(next) == .revoked && bench.stage(good) == .revoked)
    #expect(throws: PackageError.self) { try bench.offer(next, Machine.rollout(next, serial: 9)) }
  }

  @Test("paused: it goes on only when the rollout runs again")
  func paused() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    try bench.offer(package)
    try bench.send(5)
    var rollout = Machine.rollout(package, serial: 2)
    rollout.state = .paused
    try bench.desk.offer(packageAt: nil, digest: package.digest, rollout: rollout)
    try bench.send(40)
    #expect(try bench.stage(package) == .shadow)
    (rollout.state, rollout.serial) = (.running, 3)
    try bench.desk.offer(packageAt: nil, digest: package.digest, rollout: rollout)
    try bench.send(23)
    #expect(try bench.stage(package) == .active)
  }

  @Test("held, for want of a clock: the same, and told by nobody's rollout")
  func held() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    bench.desk.hold("clock")
    try bench.offer(package)
    try bench.send(60)
    #expect(try bench.stage(package) == .shadow)
    bench.desk.hold(nil)
    try bench.send(23)
    #expect(try bench.stage(package) == .active)
  }

  @Test("an older serial is refused, a failed version is tried again only when signed with a new one")
  func serials() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    var rollout = Machine.rollout(package, serial: 5)
    rollout.gates.maxBytes = 10_000
    try bench.offer(package, rollout)
    try bench.send(1)
    try bench.send(1)
    #expect(try bench.stage(package) == .failed)
    func kind(_ serial: Int64) -> PackageError.Kind? {
      do { try bench.offer(package, Machine.rollout(package, serial: serial)) } catch { return (error as? PackageError)?.kind }
      return nil
    }
    #expect(kind(4) == .rolledBack && kind(5) == .alreadyFailed)
    try bench.restart()
    #expect(kind(4) == .rolledBack && kind(5) == .alreadyFailed)
    #expect(kind(6) == nil)
    try bench.send(50)
    #expect(try bench.stage(package) == .active)
  }

  @Test("a package that was damaged on the disk is not run: the one before it is")
  func damaged() throws {
    let (bench, good, next) = try atWork()
    let path = PackageShelf(stateFolder: bench.folder.path).path(next.digest)
    var bytes = next.encoded()
    bytes[bytes.count / 2] ^= 1
    try DurableBytes.write(bytes, to: path)
    try bench.restart()
    try bench.send(2)
    #expect(try bench.row(next)?.reason == "digest" && bench.stage(next) == .rolledBack)
    #expect(try bench.road()?.active == good.digest && bench.speaks() == "pumps 1.2.0")
  }

  @Test("windows that people confirmed to be bad must be found")
  func confirmed() throws {
    let bench = try RoadBench()
    let good = try Machine.package()
    try bench.offer(good)
    try bench.send(46)
    try bench.send(10, .faulty)
    let alarm = try #require(try bench.store.reader.alarms(newest: 1).first)
    try bench.commit(
      change { $0.people.labels = [LabelRow(subject: alarm.id, label: .bad, fault: nil, note: nil, by: "eve", at: .now())] })
    #expect(try bench.store.reader.confirmedWindows().count >= 1)
    try bench.send(20)
    // Deaf: the fault's mean square is a hundredth of its limit; its golden fault is ten times louder.
    let deaf = try Machine.imported(.window, limit: 40)
    var golden = try Machine.golden(deaf)
    for index in golden.indices where golden[index].kind == .faulty {
      let samples = golden[index].samples.map { 10 * $0 }
      golden[index] = try GoldenVector(measuring: samples, .faulty, deaf, DeliveredInputs(deaf))
    }
    var card = try Machine.card
    card.version = "2.0.0"
    let package = try ModelPackage(card: card, limits: PackageLimits(), model: deaf, golden: golden)
    try bench.offer(package, Machine.rollout(package, serial: 2))
    try bench.send(60)
    #expect(try bench.row(package)?.reason == "confirmed" && bench.stage(package) == .failed)
    #expect(try bench.speaks() == "pumps 1.2.0")
  }

  private func change(_ body: (inout Change) -> Void) -> Change {
    var change = Change()
    body(&change)
    return change
  }
}

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
