import Contracts
import Foundation
import Signal
import TestSupport
import Testing

@testable import Agent
@testable import ControlPlane
@testable import ModelPackages

/// What each attacker gets (docs/SECURITY.md).
@Suite struct AttackerTests {
  let site: RepositorySite
  let gateway: SimulatedGateway
  let good: ModelPackage

  init() throws {
    site = try RepositorySite(fleets: ["demo", "other"])
    good = try site.publish("1.0.0")
    try site.roll("1.0.0")
    gateway = try SimulatedGateway(site)
    _ = try gateway.update(site)
  }

  /// Files that stand in for the honest ones.
  private func standIns(_ files: [String: [UInt8]]) -> SimulatedGateway.Road {
    { request, honest in
      guard let file = files[request.path] else { return honest() }
      let start = min(Int(request.offset), file.count)
      let header = ChunkHeader(
        path: request.path, sha256: request.sha256 ?? MetadataForm.sha256(file), total: Int64(file.count), offset: Int64(start),
        status: .ok)
      return ChunkResponse(header, bytes: Array(file[start..<min(start + request.length, file.count)]))
    }
  }

  private func kind(_ road: @escaping SimulatedGateway.Road) -> TrustError.Kind? { kind(of: gateway, road) }

  private func kind(of gateway: SimulatedGateway, _ road: @escaping SimulatedGateway.Road) -> TrustError.Kind? {
    do {
      return try gateway.update(site, road: road).failures.first?.kind
    } catch { return (error as? TrustError)?.kind }
  }

  private func file(_ name: String) throws -> [UInt8] { try #require(try site.repository.metadata(name)) }

  // MARK: the broker

  @Test("a broker that answers with other bytes, longer files, other totals, gets nothing run; the next honest answer does")
  func forgedAnswers() throws {
    let next = try site.publish("1.1.0")
    try site.roll("1.1.0")
    let forged = [UInt8](repeating: 7, count: next.byteCount)
    let roads: [(SimulatedGateway.Road, Set<TrustError.Kind>)] = [
      ({ $0.path.hasSuffix(".thrum") ? changing($1()) { $0.bytes = Array(forged.prefix($0.bytes.count)) } : $1() }, [.mismatch]),
      ({ $0.path.hasSuffix(".thrum") ? changing($1()) { $0.header.total += 1 } : $1() }, [.mismatch]),
      (
        { $0.path.hasSuffix(".json") && $0.path.contains("targets.json") ? changing($1()) { $0.bytes[20] ^= 1 } : $1() },
        [.mismatch]
      ),
      (
        { $0.path == "metadata/timestamp.json" ? changing($1()) { $0.bytes[$0.bytes.count - 5] ^= 1 } : $1() },
        [.malformed, .notSigned]
      ),
      (
        { $0.path.hasSuffix("root.json") ? changing($1()) { ($0.header.status, $0.bytes) = (.ok, Array("{}".utf8)) } : $1() },
        [.malformed]
      ),
    ]
    for (index, (road, kinds)) in roads.enumerated() {
      let fresh = try SimulatedGateway(site, name: "gw-\(index)")
      let kind = kind(of: fresh, road)
      #expect(kind.map(kinds.contains) == true, "\(String(describing: kind))")
      #expect(fresh.shelf.offers.isEmpty)
      _ = try fresh.update(site)
      #expect(fresh.shelf.digests == [next.digest])
    }
  }

  @Test("answers that nobody asked for, for another file, offset or digest, are dropped")
  func unasked() {
    let exchange = UpdateExchange()
    let request = ChunkRequest(path: "metadata/timestamp.json", offset: 0, length: 100)
    let id = exchange.ask(request)
    func answer(_ path: String, offset: Int64 = 0, count: Int = 10) -> ChunkResponse {
      ChunkResponse(
        ChunkHeader(path: path, sha256: nil, total: 1000, offset: offset, status: .ok), bytes: [UInt8](repeating: 1, count: count)
      )
    }
    #expect(!exchange.take(answer(request.path), id: "00"))
    #expect(!exchange.take(answer("metadata/2.root.json"), id: id))
    #expect(!exchange.take(answer(request.path, offset: 10), id: id))
    #expect(!exchange.take(answer(request.path, count: 101), id: id))
    #expect(exchange.take(answer(request.path), id: id))
    #expect(!exchange.take(answer(request.path), id: id), "nor is a second one taken")
  }

  @Test("yesterday's metadata, kept by a broker and played again, is refused; what runs goes on")
  func replayed() throws {
    let (timestamp, snapshot) = (try file("timestamp.json"), try file("3.snapshot.json"))
    try site.publish("1.1.0")
    try site.roll("1.1.0")
    _ = try gateway.update(site)
    let before = gateway.shelf.offers.count
    #expect(kind(standIns(["metadata/timestamp.json": timestamp])) == .rollback)
    let now = try #require(try site.repository.state().roles[.snapshot]?.version)
    try site.edit { try $0.change("targets", days: 9) { $0 } }
    try site.approve(site.targets[0], site.targets[1])
    #expect(kind(standIns(["metadata/\(now + 1).snapshot.json": snapshot])) == .mismatch)
    #expect(gateway.shelf.offers.count == before)
  }

  @Test("a broker that hides everything new gets time until the timestamp ends, and is reported then")
  func frozen() throws {
    let timestamp = try file("timestamp.json")
    let road = standIns(["metadata/timestamp.json": timestamp])
    #expect(kind(road) == nil)
    let later = site.now.advanced(bySeconds: 8 * 86_400)
    let gateway = try SimulatedGateway(site, clock: later)
    let error = #expect(throws: TrustError.self) { try gateway.update(site, road: road) }
    #expect(error?.kind == .expired)
  }

  @Test("a `desired` that anybody forged is a reason to look, and no more")
  func forgedDesired() throws {
    let offers = gateway.shelf.offers.count
    gateway.exchange.call()
    #expect(gateway.exchange.occasion.calls > 0)
    #expect(gateway.shelf.offers.count == offers)
  }

  // MARK: the plane

  @Test("a plane without the targets keys can sign a timestamp and a snapshot for what it likes; its package is refused")
  func plane() throws {
    let evil = try RepositorySite.bytes("6.6.6")
    let state = try site.repository.state()
    let online = try site.edit { try $0.onlineKeys() }
    func signed(_ signed: SignedJSON, _ keys: [SigningKey]) throws -> MetadataDraft {
      try keys.reduce(into: MetadataDraft(signed)) { draft, key in try draft.add(try key.sign(draft.payload), by: key.key) }
    }
    let current = try #require(state.roles[.targets])
    let path = UTF8Text("models/pumps/6.6.6.thrum")
    let targets = current.signed.setting("version", to: .integer(current.version + 1)).setting(
      "targets", to: current.signed["targets"]?.setting(path, to: MetadataForm.target(evil)))
    let expires = site.now.advanced(bySeconds: 86_400)
    // Its own keys, one true key of targets, and none.
    for keys in [online, [site.targets[0]], []] {
      let forged = try signed(targets, keys)
      let roles = state.delegated.compactMap { role in
        state.roles[role].map { (UTF8Text(role.string + ".json"), ($0.version, $0.encoded)) }
      }
      let files = Dictionary(uniqueKeysWithValues: roles + [("targets.json", (current.version + 1, forged.encoded))])
      let version = try #require(state.roles[.snapshot]?.version) + 1
      let snapshot = try signed(
        MetadataForm.snapshot(version: version, expires: expires, files: files), online.filter { $0.key.name == "plane-snapshot" }
      )
      let timestamp = try signed(
        MetadataForm.timestamp(
          version: try #require(state.roles[.timestamp]?.version) + 1, expires: expires, issued: site.now,
          snapshot: (version, snapshot.encoded), audit: nil), online.filter { $0.key.name == "plane-timestamp" })
      let road = standIns([
        "metadata/timestamp.json": timestamp.encoded, "metadata/\(version).snapshot.json": snapshot.encoded,
        "metadata/\(current.version + 1).targets.json": forged.encoded,
      ])
      let fresh = try SimulatedGateway(site, name: "gw-\(keys.count)")
      let error = #expect(throws: TrustError.self) { try fresh.update(site, road: road) }
      #expect(error?.kind == .notSigned)
      #expect(fresh.shelf.offers.isEmpty)
    }
  }

  @Test("who stole a fleet's key can only choose among what targets signed for, in that fleet")
  func fleetKey() throws {
    let evil = try RepositorySite.bytes("6.6.6")
    let digest = MetadataForm.sha256(evil)
    let rollout = Rollout(
      serial: 9, model: "pumps", version: "6.6.6", sha256: digest, length: Int64(evil.count),
      points: try #require(Selector(["*/*"])))
    try site.edit { try $0.add("fleet/demo/rollouts/pumps.json", rollout.encoded(), custom: nil, to: "fleet-demo", days: 9) }
    try site.approve(site.operations)
    #expect(try gateway.update(site).failures.map(\.kind) == [.notFound])
    // The digest of another file under the name of a good one.
    var forged = rollout
    (forged.serial, forged.version) = (10, "1.0.0")
    try site.edit { try $0.add("fleet/demo/rollouts/pumps.json", forged.encoded(), custom: nil, to: "fleet-demo", days: 9) }
    try site.approve(site.operations)
    #expect(try gateway.update(site).failures.map(\.kind) == [.mismatch])
    // The package itself as a target of the fleet's role: nobody looks there for it.
    try site.edit { try $0.add("fleet/demo/x/6.6.6.thrum", evil, custom: nil, to: "fleet-demo", days: 9) }
    try site.approve(site.operations)
    #expect(gateway.shelf.digests == [good.digest])
    let other = try SimulatedGateway(site, fleet: "other")
    #expect(try other.update(site) == .init())
  }

  // MARK: a gateway's key

  @Test(
    "an enrolled gateway's batches count only with its signature; a stolen key is no other gateway's, and ends with `--expel`")
  func gatewayKey() throws {
    let (mine, theirs) = (try topics("gw-1"), try topics("gw-2"))
    let (key, other) = (try SigningKey(name: "gw-1"), try SigningKey(name: "gw-2"))
    try site.edit {
      try $0.enroll(mine, key.key)
      try $0.enroll(theirs, other.key)
    }
    let store = try PlaneStore(path: site.folder.path("plane.db"))
    let desk = PlaneDesk(store: store, repository: site.repository)
    let epoch = Epoch.random()
    let hello = Hello(epoch: epoch, parentEpoch: nil, incarnation: 1, nonce: .random(), version: "1", lanes: [:]).encoded
    for (gateway, signature) in [(mine, try BatchSigner(key)), (theirs, try BatchSigner(other)), (try topics("gw-3"), nil)] {
      let payload = try #require(signature.map { $0.signed(hello) } ?? hello)
      #expect(try desk.take(payload, on: try up(gateway, "hello"), at: site.now) != nil)
    }
    for forged in [hello, try #require(try BatchSigner(other).signed(hello))] {
      #expect(throws: DeskError.self) { try desk.take(forged, on: try up(mine, "hello"), at: site.now) }
    }
    let batch = EventBatch(
      epoch: epoch, incarnation: 1, lane: .alarm, first: 1, prevHash: ChainHash(epoch), events: [Array("{}".utf8)]
    ).encoded
    let signed = try #require(try BatchSigner(key).signed(batch))
    func isTaken(_ payload: [UInt8], _ gateway: PlaneTopics) throws -> Bool {
      do { return try desk.take(payload, on: try up(gateway, "alarm"), at: site.now) != nil } catch { return false }
    }
    var changed = signed
    changed[changed.count - 1] ^= 1
    var header = signed
    header[8] ^= 1
    for forged in [batch, try #require(try BatchSigner(other).signed(batch)), changed, header] {
      #expect(try !isTaken(forged, mine))
    }
    #expect(try !isTaken(signed, theirs))
    #expect(try isTaken(signed, mine))
    #expect(try isTaken(batch, try topics("gw-3")), "who is not enrolled yet need not sign")
    try site.edit { try $0.expel(mine) }
    #expect(try !isTaken(signed, mine))
    #expect(throws: (any Error).self, "a gateway's key signs no metadata") { try site.approve(key) }
  }

  @Test("a report counts with its gateway's signature and number: forged, or kept and played again, it changes nothing")
  func reports() throws {
    let (mine, free, key) = (try topics("gw-1"), try topics("gw-3"), try SigningKey(name: "gw-1"))
    try site.edit { try $0.enroll(mine, key.key) }
    let desk = PlaneDesk(store: try PlaneStore(path: site.folder.path("plane.db")), repository: site.repository)
    let (first, second) = (Epoch.random(), Epoch.random())
    let signer = try BatchSigner(key)
    func report(_ stage: String, _ stamp: ReportStamp?) -> [UInt8] {
      let row = ReportedModels.Row(model: "pumps", version: "1.0.0", sha256: String(repeating: "a", count: 64), stage: stage)
      return ReportedModels([row], stamp: stamp).bytes
    }
    func stage(_ gateway: PlaneTopics) throws -> String? {
      try PlaneReader(path: site.folder.path("plane.db")).gatewayModels()["demo/\(gateway.gateway)"]?.first?.stage
    }
    func isTaken(_ payload: [UInt8]?, _ gateway: PlaneTopics? = nil) throws -> Bool {
      let topic = try up(gateway ?? mine, "reported")
      do { _ = try desk.take(try #require(payload), on: topic, at: site.now) } catch is DeskError { return false }
      return true
    }
    func stamp(_ epoch: Epoch, _ incarnation: UInt64, _ number: UInt64) -> ReportStamp {
      ReportStamp(epoch: epoch, incarnation: incarnation, number: number)
    }
    for (epoch, parent) in [(first, nil), (second, first)] {
      let hello = Hello(epoch: epoch, parentEpoch: parent, incarnation: 1, nonce: .random(), version: "1", lanes: [:])
      _ = try desk.take(try #require(signer.signed(hello.encoded)), on: try up(mine, "hello"), at: site.now)
    }
    let kept = signer.signed(report("shadow", stamp(first, 1, 7)))
    #expect(try isTaken(kept))
    #expect(try isTaken(kept), "a broker's retained message comes again with every connection")
    #expect(try isTaken(signer.signed(report("canary", stamp(first, 2, 1)))))
    #expect(try !isTaken(kept), "of an earlier life of the daemon")
    #expect(try isTaken(signer.signed(report("active", stamp(second, 1, 1)))), "a new numbering begins anew")
    let forged = [
      kept, signer.signed(report("failed", stamp(first, 9, 9))), report("failed", stamp(second, 9, 9)),
      try BatchSigner(try SigningKey(name: "other")).signed(report("failed", stamp(second, 9, 9))),
      signer.signed(report("failed", nil)),
    ]
    for payload in forged { #expect(try !isTaken(payload)) }
    #expect(try stage(mine) == "active")
    #expect(try isTaken(report("active", nil), free), "who was never enrolled need not sign")
    try site.edit { try $0.expel(mine) }
    #expect(try !isTaken(signer.signed(report("failed", stamp(second, 9, 9)))))
  }

  private func topics(_ name: String) throws -> PlaneTopics { try #require(PlaneTopics(fleet: "demo", gateway: name)) }
  private func up(_ gateway: PlaneTopics, _ name: String) throws -> UpTopic {
    try #require(UpTopic("thrum/v1/\(gateway.fleet)/\(gateway.gateway)/up/\(name)"))
  }
}

func changing(_ response: ChunkResponse, _ change: (inout ChunkResponse) -> Void) -> ChunkResponse {
  var response = response
  change(&response)
  return response
}
