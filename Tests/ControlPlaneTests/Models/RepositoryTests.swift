import Foundation
import Signal
import TestSupport
import Testing

@testable import ControlPlane
@testable import ModelPackages

/// The repository as thrum-plane makes it: who must sign, what becomes visible when, and that python-tuf takes it as we do.
@Suite struct RepositoryTests {
  @Test("nothing is visible before two of three of root, of targets, and the fleet have signed; then python-tuf takes it")
  func ceremony() throws {
    let site = try RepositorySite(begun: false)
    let fleet = RepositoryEditor.Signers([site.operations.key], threshold: 1)
    try site.edit {
      try $0.begin(
        root: .init(site.root.map(\.key), threshold: 2), targets: .init(site.targets.map(\.key), threshold: 2),
        fleets: ["demo": fleet])
    }
    #expect(try site.approve(site.root[0]).isEmpty)
    #expect(try site.repository.metadata("1.root.json") == nil)
    #expect(try site.approve(site.root[2]) == ["root"])
    #expect(try site.approve(site.targets[0], site.operations).isEmpty)
    #expect(try site.approve(site.targets[0]).isEmpty, "the same key twice is one")
    #expect(try site.repository.metadata("timestamp.json") == nil)
    #expect(try site.approve(site.targets[1]) == ["fleet-demo", "targets"])
    #expect(try site.pythonTUF().contains(#""root": 1, "snapshot": 1, "targets": 1, "timestamp": 1"#))
    var client = try site.client()
    try client.refresh()
  }

  @Test("a package and its rollout reach python-tuf and our client, byte for byte")
  func published() throws {
    let site = try RepositorySite()
    let package = try site.publish("1.2.0")
    try site.roll("1.2.0", share: 10_000)
    let said = try site.pythonTUF("models/pumps/1.2.0.thrum", "fleet/demo/rollouts/pumps.json")
    #expect(said.contains(package.digest))
    var client = try site.client()
    try client.refresh()
    #expect(try client.find("models/pumps/1.2.0.thrum")?.length == Int64(package.byteCount))
    let rollout = try #require(try client.find("fleet/demo/rollouts/pumps.json"))
    let bytes = try #require(try site.repository.target(rollout.path.string, rollout.digests.name?.string ?? ""))
    #expect(try Rollout(decoding: bytes).sharePPM == 10_000)
  }

  @Test("the plane's keys alone make no package visible, nor does one key of targets, nor a fleet's key")
  func planeAlone() throws {
    let site = try RepositorySite()
    _ = try site.edit { try $0.publish(package: RepositorySite.bytes("6.6.6"), isGolden: false) }
    let online = try site.edit { try $0.onlineKeys() }
    #expect(online.count == 2)
    for key in online { #expect(throws: (any Error).self) { try site.approve(key) } }
    #expect(throws: (any Error).self) { try site.approve(site.operations) }
    #expect(try site.approve(site.targets[0]).isEmpty)
    var client = try site.client()
    try client.refresh()
    #expect(try client.find("models/pumps/6.6.6.thrum") == nil)
  }

  @Test(
    "keys are rotated role by role, and whoever starts from the first root follows",
    arguments: ["timestamp", "snapshot", "targets", "root"])
  func rotation(role: String) throws {
    let site = try RepositorySite()
    try site.publish("1.0.0")
    let store = KeptMetadata([:])
    var before = try site.client(store: store)
    try before.refresh()
    let new = try SigningKey(name: "new")
    let removed = role == "root" ? "anna" : role == "targets" ? "release" : "plane-\(role)"
    try site.edit { editor in
      try editor.rotate(
        UTF8Text(role), adding: role == "root" || role == "targets" ? [new.key] : [], removing: [removed], threshold: nil)
    }
    // The root before asks for two of its own, the new one for two of its own.
    _ = try site.approve(site.root[1], site.root[2])
    if role == "targets" { try site.approve(site.targets[0], new) }
    #expect(try site.pythonTUF("models/pumps/1.0.0.thrum").contains(#""root": 2"#))
    var after = try site.client(store: store)
    try after.refresh()
    #expect(try after.find("models/pumps/1.0.0.thrum") != nil)
    try site.edit {
      #expect(
        $0.current.keys(of: UTF8Text(role))?.keys.contains { $0.name == removed && role != "timestamp" && role != "snapshot" }
          == false)
    }
  }

  @Test("a new root waits while the targets that are visible would not stand under it")
  func heldRoot() throws {
    let site = try RepositorySite()
    let new = try ["x", "y"].map { try SigningKey(name: $0) }
    try site.edit {
      try $0.rotate("targets", adding: new.map(\.key), removing: ["data-owner", "security", "release"], threshold: 2)
    }
    #expect(try site.approve(site.root[0], site.root[1]).isEmpty)
    #expect(try site.repository.metadata("2.root.json") == nil)
    #expect(try site.approve(new[0], new[1]) == ["root", "targets"])
    #expect(try site.pythonTUF().contains(#""root": 2"#))
  }

  @Test("a version is published once; a golden one is not retired; what is rolled out is not either")
  func retiring() throws {
    let site = try RepositorySite()
    try site.publish("1.0.0", golden: true)
    try site.publish("1.1.0")
    try site.roll("1.1.0")
    #expect(throws: (any Error).self) { try site.publish("1.1.0", windowSamples: 32) }
    #expect(throws: (any Error).self) { try site.edit { try $0.retire("pumps", "1.0.0") } }
    #expect(throws: (any Error).self) { try site.edit { try $0.retire("pumps", "1.1.0") } }
    try site.publish("1.2.0")
    try site.roll("1.2.0")
    try site.edit { try $0.retire("pumps", "1.1.0") }
    try site.approve(site.targets[0], site.targets[1])
    var client = try site.client()
    try client.refresh()
    #expect(try client.find("models/pumps/1.1.0.thrum") == nil)
    #expect(try client.find("models/pumps/1.0.0.thrum") != nil)
    let listed = try ModelListing(site.repository, plane: nil, at: site.now).models
    #expect(listed.filter(\.isRetired).map(\.version) == ["1.1.0"], "it stays in the archive")
    #expect(listed.filter(\.isGolden).map(\.version) == ["1.0.0"])
  }

  @Test("revoked packages are listed by their digests, under a serial that rises")
  func revoking() throws {
    let site = try RepositorySite()
    let packages = try ["1.0.0", "1.1.0"].map { try site.publish($0) }
    for version in ["1.0.0", "1.1.0"] {
      try site.edit { try $0.revoke("pumps", version) }
      try site.approve(site.targets[0], site.targets[1])
    }
    let bytes = try #require(try site.edit { try $0.stagedOrCurrent("models/revoked.json", of: .targets) })
    #expect(try RevokedModels(decoding: bytes) == RevokedModels(serial: 2, digests: Set(packages.map(\.digest))))
    #expect(try ModelListing(site.repository, plane: nil, at: site.now).models.map(\.isRevoked) == [true, true])
  }

  @Test("a rollout's serial rises with every change; who takes part stays while the share grows")
  func serials() throws {
    let site = try RepositorySite()
    try site.publish("1.0.0")
    let first = try site.roll("1.0.0", share: 10_000)
    let second = try site.roll("1.0.0", share: 500_000)
    #expect((first.serial, first.firstSerial, second.serial, second.firstSerial) == (1, 1, 2, 1))
    #expect(try site.roll(nil, state: .paused).sharePPM == 500_000)
    #expect(throws: (any Error).self, "halted") { try site.roll("1.0.0", share: 1_000_000, halt: "1 of 20 went back") }
    #expect(try site.roll(nil, state: .rollback, halt: "1 of 20 went back").state == .rollback)
    try site.publish("1.0.1")
    #expect(try site.roll("1.0.1", share: 10_000, halt: nil).firstSerial == 5)
  }

  @Test("timestamp and snapshot are signed anew before they end, without people")
  func refreshed() throws {
    let site = try RepositorySite()
    try site.publish("1.0.0")
    #expect(try !site.edit { try $0.refreshOnline() })
    site.now = site.now.advanced(bySeconds: 3 * 86_400)
    #expect(try site.edit { try $0.refreshOnline() })
    site.now = site.now.advanced(bySeconds: 15 * 86_400)
    #expect(try site.edit { try $0.refreshOnline() })
    var client = try site.client()
    try client.refresh()
    #expect(try client.find("models/pumps/1.0.0.thrum") != nil)
  }

  @Test("the log tells who did what, and that it was changed")
  func audit() throws {
    let site = try RepositorySite()
    try site.publish("1.0.0")
    let audit = PlaneAudit(site.repository)
    let (entries, head) = try audit.read()
    #expect(entries.filter { $0.act == "approve" }.map(\.detail).contains { $0.hasPrefix("release, key") })
    #expect(try site.repository.state().roles[.timestamp]?.signed["x-audit"] == .text(UTF8Text(head)))
    let text = try String(contentsOfFile: audit.path, encoding: .utf8)
    try text.replacingOccurrences(of: "release, key", with: "nobody, key").write(
      toFile: audit.path, atomically: true, encoding: .utf8)
    #expect(throws: (any Error).self) { try audit.read() }
    #expect(throws: (any Error).self, "nor is anything added to it") { try site.edit { try $0.record("x", "y") } }
  }

  @Test("private keys are readable by their owner alone, never written over, and refused when others may read them")
  func keyFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a.key")
    let key = try SigningKey(name: "anna")
    try key.write(to: path)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    #expect(try SigningKey(file: path).key == key.key)
    #expect(throws: TrustError.self) { try SigningKey(name: "b").write(to: path) }
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    #expect(throws: TrustError.self) { try SigningKey(file: path) }
  }

  @Test("what a stick gets is a whole repository")
  func exported() throws {
    let site = try RepositorySite()
    let package = try site.publish("1.0.0")
    try site.roll("1.0.0")
    let stick = site.folder.path("stick")
    _ = try site.edit { try $0.export(to: stick) }
    let folder = RepositoryFolder(stick)
    var updater = try Updater(
      store: KeptMetadata([:]), initialRoot: try site.repository.metadata("1.root.json"),
      time: ReferenceTime(clock: site.now, floor: site.now), fetch: folder.metadata)
    try updater.refresh()
    let target = try #require(try updater.find("models/pumps/1.0.0.thrum"))
    var staged = try StagedTarget(target, folder: site.folder.path)
    try folder.copy(target, isConsistentSnapshot: true, into: &staged)
    #expect(try staged.finish().hasSuffix(package.digest))
    #expect(throws: (any Error).self, "not into a folder with something in it") { try site.edit { try $0.export(to: stick) } }
  }
}
