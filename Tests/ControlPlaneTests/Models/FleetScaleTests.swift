import Contracts
import Foundation
import SQLite
import Signal
import TestSupport
import Testing

@testable import ControlPlane
@testable import ModelPackages

/// Rollouts and lists of large fleets, at the plane's desk.
@Suite struct FleetScaleTests {
  @Test("2,000 gateways: a bad version in a 1 % canary halts itself; nobody else gets it, and no larger share is signed")
  func canary() throws {
    let site = try RepositorySite()
    try site.publish("1.0.0", golden: true)
    try site.roll("1.0.0")
    let bad = try site.publish("1.1.0")
    let rollout = try site.roll("1.1.0", share: 10_000)
    let store = try PlaneStore(path: site.folder.path("plane.db"))
    let desk = PlaneDesk(store: store, repository: site.repository)
    var got: Set<String> = []
    let package = "targets/models/pumps/\(bad.digest).1.1.0.thrum"
    func asks(_ gateway: PlaneTopics) throws -> ChunkHeader.Status {
      let question = ChunkRequest(path: package, sha256: bad.digest, offset: 0, length: 1)
      let topic = try #require(UpTopic("thrum/v1/demo/\(gateway.gateway)/up/request/1"))
      let reply = try #require(try desk.take(question.encoded, on: topic, at: site.now))
      return try ChunkResponse(decoding: reply.payload).header.status
    }
    func reports(_ gateway: PlaneTopics, _ stage: String) throws {
      let report = ReportedModels([
        .init(model: "pumps", version: "1.1.0", sha256: bad.digest, stage: stage, reason: "alarm_rate")
      ])
      let topic = try #require(UpTopic("thrum/v1/demo/\(gateway.gateway)/up/reported"))
      _ = try desk.take(report.bytes, on: topic, at: site.now)
    }
    let fleet = try (0..<2000).map { try #require(PlaneTopics(fleet: "demo", gateway: "gw-\($0)")) }
    for gateway in fleet where rollout.includes(gateway: gateway.gateway) {
      guard try asks(gateway) == .ok else { continue }
      got.insert(gateway.gateway)
      try reports(gateway, "canary")
    }
    #expect((5...40).contains(got.count), "\(got.count) of 2,000")
    let reader = try PlaneReader(path: site.folder.path("plane.db"))
    #expect(try reader.halts().isEmpty)
    for gateway in fleet where got.contains(gateway.gateway) { try reports(gateway, "rolled_back") }
    #expect(try reader.halts(in: "demo").map(\.failed) == [got.count])
    // Even those of a larger share that somebody signed already.
    #expect(try asks(fleet[0]) == .held)
    let listing = try ModelListing(site.repository, plane: reader, at: site.now)
    #expect(listing.rollouts.first?.halt != nil)
    #expect(listing.rollouts.first?.gateways == ["rolled_back": got.count])
    var wish = RepositoryEditor.Wish()
    wish.sharePPM = 1_000_000
    #expect(throws: (any Error).self) {
      try site.edit { editor in
        try editor.roll("pumps", in: "demo", wish) { rolled in
          try reader.halts(in: "demo").first { $0.sha256 == rolled.sha256 }?.words
        }
      }
    }
    print("canary of 1 %: \(got.count) of 2,000 gateways got the bad version, the others none")
  }

  @Test("one gateway of fifty that went back does not halt a rollout; three of fifty do")
  func threshold() throws {
    let folder = try TemporaryFolder()
    let store = try PlaneStore(path: folder.path("plane.db"))
    for number in 0..<50 {
      let gateway = try #require(PlaneTopics(fleet: "demo", gateway: "gw-\(number)"))
      let digest = String(repeating: "a", count: 64)
      func report(_ stage: String) throws {
        try store.take(
          ReportedModels([.init(model: "m", version: "1", sha256: digest, stage: stage)]), from: gateway, at: UnixTime(seconds: 1)
        )
      }
      try report("active")
    }
    func fail(_ number: Int) throws {
      let gateway = try #require(PlaneTopics(fleet: "demo", gateway: "gw-\(number)"))
      try store.take(
        ReportedModels([.init(model: "m", version: "1", sha256: String(repeating: "a", count: 64), stage: "rolled_back")]),
        from: gateway, at: UnixTime(seconds: 2))
    }
    try fail(0)
    try fail(1)
    #expect(try store.halts(in: "demo").isEmpty)
    try fail(2)
    #expect(try store.halts(in: "demo").map(\.failed) == [3])
    #expect(try store.halts(in: "other").isEmpty)
  }

  @Test("the list of 5,000 gateways with 100,000 events takes less than a second")
  func list() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("plane.db")
    let store = try PlaneStore(path: path)
    try store.database.transaction { () throws(SQLiteError) in
      for number in 0..<5000 {
        try store.database.run(
          "INSERT INTO gateway (id, fleet, name, state, state_at) VALUES (?, ?, ?, 'online', 1)", number + 1,
          "fleet-\(number % 10)", "gw-\(number)")
        try store.database.run(
          "INSERT INTO epoch VALUES (?1, ?1, ?2, NULL, 1, ?3, '0.1.0', 1, 1)", number + 1, Epoch.random(), Nonce.random())
        for lane in Lane.allCases {
          try store.database.run("INSERT INTO lane VALUES (?, ?, 20, ?)", number + 1, lane.rawValue, ChainHash(Epoch.random()))
        }
      }
      for event in 0..<100_000 {
        try store.database.run(
          "INSERT INTO event VALUES (?, ?, ?, 'event', 1, 't', 's', 1, ?)", event + 1, event % 5000 + 1, "e\(event)",
          [UInt8](repeating: 32, count: 300))
      }
      for number in 0..<5000 {
        try store.database.run(
          "INSERT INTO model VALUES (?, ?, 'pumps', '1.0.0', 'active', '', 1)", number + 1, String(repeating: "a", count: 64))
      }
    }
    let reader = try PlaneReader(path: path)
    let clock = ContinuousClock()
    var rows: [FleetRow] = []
    // The least of three: others may use this machine.
    let times = try (0..<3).map { _ in try clock.measure { rows = try reader.fleet() } }
    let time = try #require(times.min())
    #expect((rows.count, rows.first?.events) == (5000, 20))
    #expect(rows.first?.models == ["pumps 1.0.0 active"])
    #expect(time < .seconds(1))
    print("fleet list of 5,000 gateways: \(time)")
  }
}
