import Contracts
import Foundation
import Signal
import Synchronization
import TestSupport
import Testing

@testable import Agent
@testable import ControlPlane
@testable import ModelPackages

/// A gateway's updates and a plane's desk, with nothing between them but what a test puts there.
final class SimulatedGateway: Sendable {
  let exchange: UpdateExchange
  let shelf = Shelf()
  let folder: UpdateFolder
  private let topics: PlaneTopics
  private let root: [UInt8]
  private let clock: UnixTime?

  init(_ site: RepositorySite, name: String = "gw-1", fleet: String = "demo", clock: UnixTime? = nil, answerSeconds: Double = 0.2)
    throws
  {
    exchange = UpdateExchange(answerSeconds: answerSeconds)
    folder = UpdateFolder(path: site.folder.path("gateway-\(fleet)-\(name)"), maxBytes: 32 << 20)
    topics = try #require(PlaneTopics(fleet: fleet, gateway: name))
    root = try #require(try site.repository.metadata("1.root.json"))
    self.clock = clock ?? site.now
  }

  /// What the link does with a question; `nil`: it is lost.
  typealias Road = @Sendable (ChunkRequest, _ honest: () -> ChunkResponse) -> ChunkResponse?

  /// One update over a link.
  func update(_ site: RepositorySite, held: Set<String> = [], road: @escaping Road = { $1() }) throws -> UpdateCycle.Outcome {
    let desk = RepositoryDesk(site.repository)
    isLeaving.store(false, ordering: .releasing)
    // Before the other thread runs: without a plane nobody waits for long.
    exchange.link(isPlaneThere: true, isBudgetShort: false)
    let link = Running({ [self] in carry(desk, held, road) }, stop: { [self] in leave() })
    defer { link.stop() }
    return try cycle(clock).run(
      from: LinkedRepository(exchange: exchange) { false })
  }

  func cycle(_ clock: UnixTime?) -> UpdateCycle {
    UpdateCycle(folder: folder, fleet: topics.fleet, gateway: topics.gateway, root: root, arrivals: shelf, clock: clock)
  }

  // MARK: the link

  private let isLeaving = Atomic<Bool>(false)
  let carried = Shared(0)
  let asked = Shared([ChunkRequest]())

  private func leave() { isLeaving.store(true, ordering: .releasing) }

  private func carry(_ desk: RepositoryDesk, _ held: Set<String>, _ road: Road) {
    exchange.link(isPlaneThere: true, isBudgetShort: false)
    while !isLeaving.load(ordering: .acquiring) {
      let now = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
      for case .request(let id, let request) in exchange.outgoing(now: now).sorted(by: Self.inOrder) {
        exchange.sent(.request(id: id, request), now: now)
        asked.value.append(request)
        carried.value += request.encoded.count + topics.request(id).utf8.count
        guard let response = road(request, { desk.answer(request, from: topics, held: held) }) else { continue }
        carried.value += response.encoded.count + topics.response(id).utf8.count
        if let read = try? ChunkResponse(decoding: response.encoded) { exchange.take(read, id: id) }
      }
      usleep(200)
    }
    exchange.link(isPlaneThere: false, isBudgetShort: false)
  }

  private static func inOrder(_ a: UpdateExchange.Outgoing, _ b: UpdateExchange.Outgoing) -> Bool {
    if case .request(_, let first) = a, case .request(_, let second) = b { first.offset < second.offset } else { false }
  }
}

/// Takes everything, and remembers it.
final class Shelf: ModelArrivals {
  struct Offer: Equatable {
    var digest: String?
    var rollout: Rollout
    var isTimeCertain: Bool
  }

  private struct State {
    var offers: [Offer] = []
    var revoked: RevokedModels?
    var digests: Set<String> = []
  }
  private let state = Mutex(State())

  var offers: [Offer] { state.withLock { $0.offers } }
  var revoked: RevokedModels? { state.withLock { $0.revoked } }
  var digests: Set<String> { state.withLock { $0.digests } }

  func needsPackage(of rollout: Rollout) -> Bool { !digests.contains(rollout.sha256) }

  func offer(packageAt path: String?, rollout: Rollout, isTimeCertain: Bool) throws {
    let digest = try path.map { MetadataForm.sha256(Array(try Data(contentsOf: URL(fileURLWithPath: $0)))) }
    state.withLock { state in
      state.offers.append(Offer(digest: digest, rollout: rollout, isTimeCertain: isTimeCertain))
      if let digest { state.digests.insert(digest) }
    }
  }

  func revoke(_ revoked: RevokedModels) { state.withLock { $0.revoked = revoked } }

  var report: ModelsReport {
    let rows = offers.map { offer in
      ModelVersionRow(
        digest: offer.rollout.sha256, model: offer.rollout.model, version: offer.rollout.version, serial: offer.rollout.serial,
        rollout: offer.rollout.encoded(), isSigned: true, stage: .active, since: UnixTime(seconds: 1))
    }
    return ModelsReport(rows, [])
  }
}
