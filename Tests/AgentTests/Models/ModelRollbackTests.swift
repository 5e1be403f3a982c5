import Anomaly
import Contracts
import ModelFixtures
import ModelPackages
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import Store

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

  @Test("a clock that is wrong holds after a restart too, without any update, and holds no longer once it is right")
  func wrongClock() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    try bench.offer(package)
    try bench.restart()
    bench.workers.clockStands(isWrong: true)
    try bench.send(60)
    #expect(try bench.stage(package) == .shadow)
    // An update of meanwhile came to the same; its word is of the time before.
    bench.desk.hold("clock")
    bench.workers.clockStands(isWrong: false)
    try bench.send(23)
    #expect(try bench.stage(package) == .active)
  }

  @Test("a clock that is right does not overrule an update that does not believe it")
  func unbelieved() throws {
    let bench = try RoadBench()
    let package = try Machine.package()
    bench.desk.hold("clock")
    try bench.offer(package)
    for _ in 0..<60 {
      bench.workers.clockStands(isWrong: false)
      try bench.send(1)
    }
    #expect(try bench.stage(package) == .shadow)
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
