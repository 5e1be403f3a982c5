import Contracts
import ModelFixtures
import ModelPackages
import Signal
import Synchronization
import TestSupport
import Testing

@testable import Agent
@testable import Store

/// A package between its file's coming and its version's being known.
@Suite struct ArrivingPackageTests {
  /// A desk whose commits do what a test wants in between.
  private final class Bench: Sendable {
    let folder: TemporaryFolder
    private let known = Mutex<ModelDesk?>(nil)
    private let duringCommit = Mutex<@Sendable (ModelDesk) throws(StoreError) -> Void>({ _ in })

    init() throws {
      folder = try TemporaryFolder()
      let desk = ModelDesk(
        shelf: PackageShelf(stateFolder: folder.path), settings: ModelDesk.Settings(gateway: "gw-1", version: "0.1.0"),
        commit: { [weak self] _ throws(StoreError) in
          guard let self, let desk = known.withLock({ $0 }) else { return }
          let body = duringCommit.withLock { $0 }
          try body(desk)
        })
      known.withLock { $0 = desk }
    }

    var desk: ModelDesk { get throws { try #require(known.withLock { $0 }) } }

    func offer(
      _ package: ModelPackage, serial: Int64, during body: @escaping @Sendable (ModelDesk) throws(StoreError) -> Void = { _ in }
    ) throws {
      duringCommit.withLock { $0 = body }
      let path = folder.path + "/incoming"
      try DurableBytes.write(package.encoded(), to: path)
      try desk.offer(packageAt: path, digest: package.digest, rollout: Machine.rollout(package, serial: serial))
    }
  }

  private static func settle(_ desk: ModelDesk) {
    var change = Change()
    _ = desk.settle(points: [], at: UnixTime(seconds: 1_000_000), in: &change)
  }

  @Test("another model that moves on while its commit waits does not take its file away")
  func sweptMeanwhile() throws {
    let bench = try Bench()
    let (first, second) = (try Machine.package(), try Machine.package(version: "1.3.0"))
    try bench.offer(first, serial: 1)
    _ = try bench.desk.workOff(asksConfirmed: false)
    try bench.offer(second, serial: 2) { Self.settle($0) }
    #expect(try bench.desk.report.models.first { $0.sha256 == first.digest }?.stage == "shadow", "it moved meanwhile")
    #expect(try bench.desk.has(digest: second.digest))
    _ = try bench.desk.workOff(asksConfirmed: false)
    Self.settle(try bench.desk)
    #expect(try bench.desk.report.models.first { $0.sha256 == second.digest }?.stage == "shadow")
  }

  @Test("what the store did not take goes with the next sweep")
  func refused() throws {
    let bench = try Bench()
    let (first, second) = (try Machine.package(), try Machine.package(version: "1.3.0"))
    try bench.offer(first, serial: 1)
    _ = try bench.desk.workOff(asksConfirmed: false)
    #expect(throws: PackageError.self) {
      try bench.offer(second, serial: 2) { _ throws(StoreError) in
        throw StoreError("commit", "thrum.db", reason: "no room", kind: .full)
      }
    }
    #expect(try bench.desk.has(digest: second.digest))
    Self.settle(try bench.desk)
    #expect(try !bench.desk.has(digest: second.digest) && bench.desk.has(digest: first.digest))
  }
}
