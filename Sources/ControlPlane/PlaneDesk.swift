import Contracts
import SQLite
import Signal

/// Takes what gateways say and finds the answer: topic and payload in, topic and payload out, all of it committed before.
package final class PlaneDesk {
  package struct Reply: Sendable, Equatable {
    package var topic: String
    package var payload: [UInt8]
  }

  package let store: PlaneStore

  /// Models for gateways, and gateways' keys; `nil`: this plane has neither.
  let repository: PlaneRepository?

  package init(store: PlaneStore, repository: PlaneRepository? = nil) {
    self.store = store
    self.repository = repository
  }

  /// - Returns: what to publish; `nil`: nobody waits for an answer.
  package func take(_ payload: [UInt8], on topic: UpTopic, at now: UnixTime) throws(DeskError) -> Reply? {
    do {
      switch topic.kind {
      case .hello:
        try check(payload, from: topic.gateway)
        let welcome = try store.take(try Hello.decode(payload), from: topic.gateway, at: now)
        return Reply(topic: topic.gateway.welcome, payload: welcome.encoded)
      case .status:
        try store.take(try GatewayStatus.decode(payload), from: topic.gateway, at: now)
        return nil
      case .batch(let lane):
        try check(payload, from: topic.gateway)
        let batch = try EventBatch(decoding: payload)
        guard batch.header.lane == lane else { throw PlaneMessageError.malformed("a batch of another lane than its topic") }
        return reply(try store.take(batch, from: topic.gateway, at: now), to: topic.gateway)
      case .reported:
        let isEnrolled = try check(payload, from: topic.gateway)
        let reported = try ReportedModels(decoding: payload)
        guard reported.stamp != nil || !isEnrolled else { throw PlaneMessageError.malformed("a report without its number") }
        guard try store.take(reported, from: topic.gateway, at: now) else {
          throw PlaneMessageError.malformed("an older report than the one that is known")
        }
        return nil
      case .request(let id): return try answer(try ChunkRequest.decode(payload), id, to: topic.gateway)
      }
    } catch let error as PlaneMessageError { throw .refused(error) } catch let error as SQLiteError { throw .failed(error) } catch
    {
      throw .refused(.malformed("\(error)"))
    }
  }

  /// - Returns: whether the gateway is enrolled; then this is its signature.
  @discardableResult
  private func check(_ message: [UInt8], from gateway: PlaneTopics) throws -> Bool {
    try repository.map { try Enrolment($0).check(message, from: gateway) } ?? false
  }

  /// Says also that there is nothing: silence would make the gateway ask for ever.
  private func answer(_ request: ChunkRequest, _ id: String, to gateway: PlaneTopics) throws -> Reply {
    let held = try store.halts(in: gateway.fleet)
    let answer = repository.map { RepositoryDesk($0).answer(request, from: gateway, held: Set(held.map(\.sha256))) }
    let nothing = ChunkHeader(path: request.path, sha256: request.sha256, total: 0, offset: 0, status: .notFound)
    return Reply(topic: gateway.response(id), payload: (answer ?? ChunkResponse(nothing)).encoded)
  }

  private func reply(_ answer: PlaneStore.Answer, to gateway: PlaneTopics) -> Reply? {
    switch answer {
    case .ack(let ack): Reply(topic: gateway.ack, payload: ack.encoded)
    case .nack(let nack): Reply(topic: gateway.nack, payload: nack.encoded)
    case .none: nil
    }
  }
}

/// Why a gateway gets no answer: silence makes it send again.
package enum DeskError: Error, Sendable, CustomStringConvertible {
  /// It is not what its topic promises.
  case refused(PlaneMessageError)
  /// The database did not take it.
  case failed(SQLiteError)

  package var description: String {
    switch self {
    case .refused(let error): "\(error)"
    case .failed(let error): "\(error)"
    }
  }
}
