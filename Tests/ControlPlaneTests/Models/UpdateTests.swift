import Contracts
import Foundation
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import ControlPlane
@testable import ModelPackages

/// Models over the plane's link: what they cost, how a broken link is gone on with, who takes part.
@Suite struct UpdateTests {
  /// A package of about 200 KB.
  static let samples = 390

  @Test("a package of 200 KB costs at most 1.15 times its bytes; a check that finds nothing new less than 3 KB")
  func cost() throws {
    let site = try RepositorySite()
    try site.publish("0.9.0")
    let gateway = try SimulatedGateway(site)
    _ = try gateway.update(site)
    let package = try site.publish("1.0.0", windowSamples: Self.samples)
    #expect((195_000...215_000).contains(package.byteCount))
    try site.roll("1.0.0")
    gateway.carried.value = 0
    #expect(try gateway.update(site) == .init(rollouts: 1, packages: 1))
    #expect(gateway.shelf.digests == [package.digest])
    let cost = Double(gateway.carried.value) / Double(package.byteCount)
    #expect(cost <= 1.15, "\(cost)")
    gateway.carried.value = 0
    #expect(try gateway.update(site) == .init(rollouts: 1, packages: 0))
    #expect(gateway.carried.value < 3000, "\(gateway.carried.value) bytes")
    print("200 KB package: \(cost) x its bytes; unchanged check: \(gateway.carried.value) bytes")
  }

  @Test("cut 200 times, at every boundary of its parts and inside them, a package goes on where it was, and is right in the end")
  func cuts() throws {
    let site = try RepositorySite()
    let package = try site.publish("1.0.0", windowSamples: Self.samples)
    try site.roll("1.0.0")
    let gateway = try SimulatedGateway(site, answerSeconds: 0.02)
    let part = "\(gateway.folder.staging)/\(package.digest).part"
    let boundaries = stride(from: ChunkRequest.mostBytes, to: package.byteCount, by: ChunkRequest.mostBytes)
    let spread = (1...(200 - boundaries.underestimatedCount)).map { $0 * package.byteCount / 201 }
    let lengths = Set(Array(boundaries) + spread).sorted()
    #expect(lengths.count >= 199)
    var before = 0
    for length in lengths {
      gateway.asked.value = []
      // What is beyond `length` never arrives.
      let error = #expect(throws: TrustError.self) {
        try gateway.update(site) { request, honest in
          guard request.path.hasSuffix(".thrum") else { return honest() }
          guard request.offset < length else { return nil }
          return changing(honest()) { $0.bytes = Array($0.bytes.prefix(length - Int(request.offset))) }
        }
      }
      #expect(error?.kind == .unreachable)
      let first = gateway.asked.value.first { $0.path.hasSuffix(".thrum") }
      #expect(first?.offset == Int64(before), "it goes on where it was")
      #expect(try FileManager.default.attributesOfItem(atPath: part)[.size] as? Int == length)
      before = length
    }
    #expect(gateway.shelf.offers.isEmpty)
    _ = try gateway.update(site)
    #expect(gateway.shelf.digests == [package.digest])
  }

  @Test("what a torn write left in a part is found by the digest; the package is fetched anew")
  func torn() throws {
    let site = try RepositorySite()
    let package = try site.publish("1.0.0")
    try site.roll("1.0.0")
    let gateway = try SimulatedGateway(site)
    try gateway.folder.prepare()
    try Data(count: 20_000).write(to: URL(fileURLWithPath: "\(gateway.folder.staging)/\(package.digest).part"))
    #expect(try gateway.update(site).failures.map(\.kind) == [.mismatch])
    #expect(gateway.shelf.offers.isEmpty)
    _ = try gateway.update(site)
    #expect(gateway.shelf.digests == [package.digest])
  }

  @Test("questions and answers that get lost are asked again")
  func losses() throws {
    let site = try RepositorySite()
    let package = try site.publish("1.0.0", windowSamples: Self.samples)
    try site.roll("1.0.0")
    let gateway = try SimulatedGateway(site)
    let count = Shared(0)
    _ = try gateway.update(site) { _, honest in
      count.value += 1
      return count.value.isMultiple(of: 3) ? nil : honest()
    }
    #expect(gateway.shelf.digests == [package.digest])
  }

  @Test("a thin link is asked for little at a time: of a line of 2 KB/s never more than two parts' worth of seconds waits")
  func thinLink() {
    var (pace, now, most) = (FetchPace(now: 0), 0.0, 0.0)
    for _ in 0..<40 {
      let bytes = pace.partBytes
      most = max(most, Double(bytes * pace.outstanding) / 2048)
      now += Double(bytes) / 2048
      pace.observe(bytes: bytes, now: now)
    }
    #expect(most <= 8, "\(most) s")
    #expect(pace.partBytes == 4096)
    for _ in 0..<10 {
      now += 0.05
      pace.observe(bytes: pace.partBytes, now: now)
    }
    #expect((pace.partBytes, pace.outstanding) == (ChunkRequest.mostBytes, ChunkRequest.mostOutstanding))
  }

  @Test("a halted package is held back, and nothing else is")
  func held() throws {
    let site = try RepositorySite()
    let package = try site.publish("1.0.0")
    try site.roll("1.0.0")
    let gateway = try SimulatedGateway(site)
    #expect(try gateway.update(site, held: [package.digest]).failures.map(\.kind) == [.held])
    #expect(gateway.shelf.offers.isEmpty)
    _ = try gateway.update(site)
    #expect(gateway.shelf.digests == [package.digest])
  }

  @Test("a plane that says nothing is out of reach, not without news")
  func silent() throws {
    let site = try RepositorySite()
    let gateway = try SimulatedGateway(site)
    let error = #expect(throws: TrustError.self) { try gateway.update(site) { _, _ in nil } }
    #expect(error?.kind == .unreachable)
  }

  @Test("only the share of the gateways takes part; who has it hears of its end")
  func share() throws {
    let site = try RepositorySite()
    try site.publish("1.0.0")
    let rollout = try site.roll("1.0.0", share: 500_000)
    let names = (0..<8).map { "gw-\($0)" }
    for name in names {
      let gateway = try SimulatedGateway(site, name: name)
      _ = try gateway.update(site)
      #expect(gateway.shelf.digests.isEmpty != rollout.includes(gateway: name))
    }
    #expect(Set(names.map { rollout.includes(gateway: $0) }) == [true, false])
    let included = try #require(names.first { rollout.includes(gateway: $0) })
    let gateway = try SimulatedGateway(site, name: included)
    _ = try gateway.update(site)
    try site.roll(nil, share: 0, state: .rollback)
    _ = try gateway.update(site)
    #expect(gateway.shelf.offers.last?.rollout.state == .rollback)
  }

  @Test("another fleet's rollouts are neither looked for nor given")
  func fleets() throws {
    let site = try RepositorySite(fleets: ["demo", "other"])
    try site.publish("1.0.0")
    try site.roll("1.0.0")
    let gateway = try SimulatedGateway(site, fleet: "other")
    #expect(try gateway.update(site) == .init())
    let desk = RepositoryDesk(site.repository)
    let other = try #require(PlaneTopics(fleet: "other", gateway: "gw-1"))
    for path in ["metadata/1.fleet-demo.json", "targets/fleet/demo/rollouts/x.pumps.json"] {
      #expect(desk.answer(ChunkRequest(path: path, offset: 0, length: 10), from: other).header.status == .refused)
    }
  }

  @Test(
    "nothing outside the repository's public part can be asked for",
    arguments: [
      "metadata/../keys/timestamp.key", "keys/x.key", "audit.jsonl", "targets/../audit.jsonl", "metadata/", "/etc/passwd",
      "metadata//1.root.json", "enrolled/demo/gw-1.json", "broker-ca/ca.key", "staged/targets.json", "targets/./a",
      "metadata/1.root.json/x",
    ])
  func outside(path: String) throws {
    let site = try RepositorySite()
    let gateway = try #require(PlaneTopics(fleet: "demo", gateway: "gw-1"))
    let answer = RepositoryDesk(site.repository).answer(ChunkRequest(path: path, offset: 0, length: 100), from: gateway)
    #expect(answer.header.status == .refused || answer.header.status == .notFound)
    #expect(answer.bytes.isEmpty)
  }

  @Test("the revoked list comes before any rollout, and a rollout is marked while the time is uncertain")
  func revokedAndUncertain() throws {
    let site = try RepositorySite()
    let bad = try site.publish("1.0.0")
    try site.edit { try $0.revoke("pumps", "1.0.0") }
    try site.approve(site.targets[0], site.targets[1])
    try site.publish("1.0.1")
    try site.roll("1.0.1")
    let gateway = try SimulatedGateway(site, clock: UnixTime(seconds: 0))
    _ = try gateway.update(site)
    #expect(gateway.shelf.revoked?.digests == [bad.digest])
    #expect(gateway.shelf.offers.map(\.isTimeCertain) == [false])
  }

  @Test("an update from a folder is checked the same, and ends the same")
  func stick() throws {
    let site = try RepositorySite()
    let package = try site.publish("1.0.0")
    try site.roll("1.0.0")
    let stick = site.folder.path("stick")
    _ = try site.edit { try $0.export(to: stick) }
    let gateway = try SimulatedGateway(site)
    #expect(try gateway.cycle(site.now).run(from: RepositoryFolder(stick)) == .init(rollouts: 1, packages: 1))
    #expect(gateway.shelf.digests == [package.digest])
    let other = try SimulatedGateway(site, name: "gw-2")
    let file = try #require(PlaneRepository.names(in: "\(stick)/targets/models/pumps").first)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(stick)/targets/models/pumps/\(file)"))
    bytes[1000] ^= 1
    try bytes.write(to: URL(fileURLWithPath: "\(stick)/targets/models/pumps/\(file)"))
    #expect(try other.cycle(site.now).run(from: RepositoryFolder(stick)).failures.map(\.kind) == [.mismatch])
    #expect(other.shelf.offers.isEmpty)
  }

  @Test("what no signed metadata names any more is cleared away")
  func cleared() throws {
    let site = try RepositorySite()
    for version in ["1.0.0", "1.1.0"] {
      try site.publish(version)
      try site.roll(version)
    }
    let gateway = try SimulatedGateway(site)
    _ = try gateway.update(site)
    #expect(PlaneRepository.names(in: gateway.folder.staging).count == 1, "the rollout; the package went to the models")
  }

  @Test("who calls for nothing is listened to less and less: a day of calls every second brings at most 40 checks")
  func calls() {
    var pace = UpdatePace(checkSeconds: 6 * 3600, leastSeconds: 30)
    var checks = 0
    for second in 0..<86_400 {
      pace.hear(calls: second, now: Double(second))
      guard pace.isDue(calls: second, now: Double(second)) else { continue }
      checks += 1
      pace.checked(calls: second, isNews: false, now: Double(second))
    }
    #expect((20...40).contains(checks), "\(checks)")
  }

  @Test("failures are tried again at growing distances, up to an hour")
  func backoff() {
    var pace = UpdatePace(checkSeconds: 6 * 3600, leastSeconds: 30)
    var times: [Double] = []
    for second in 0..<86_400 where pace.isDue(calls: 0, now: Double(second)) {
      times.append(Double(second))
      pace.failed(calls: 0, now: Double(second))
    }
    #expect((25...45).contains(times.count), "\(times.count)")
    #expect(times[1] - times[0] < 40)
    #expect(zip(times.dropFirst(12), times.dropFirst(11)).allSatisfy { (2800...4400).contains($0 - $1) })
  }
}
