import Contracts
import ModelPackages

/// Where an update's files come from: the plane over its link, or a stick. Neither is believed.
protocol RepositorySource {
  func metadata(_ request: MetadataRequest) throws(TrustError) -> [UInt8]?
  /// Brings the rest of a target into `staged`.
  func fetch(_ target: TargetFile, isConsistentSnapshot: Bool, into staged: inout StagedTarget) throws(TrustError)
}

extension RepositoryFolder: RepositorySource {
  package func fetch(_ target: TargetFile, isConsistentSnapshot: Bool, into staged: inout StagedTarget) throws(TrustError) {
    try copy(target, isConsistentSnapshot: isConsistentSnapshot, into: &staged)
  }
}

/// The plane's repository by questions and answers, four at a time.
struct LinkedRepository: RepositorySource {
  let exchange: UpdateExchange
  let isStopped: @Sendable () -> Bool

  func metadata(_ request: MetadataRequest) throws(TrustError) -> [UInt8]? {
    let path = "metadata/\(request.fileName)"
    var bytes: [UInt8] = []
    var digest: String?
    while true {
      let left = request.maxBytes + 1 - bytes.count
      let length = min(ChunkRequest.mostBytes, max(1, left))
      let response = try answer(to: ChunkRequest(path: path, sha256: digest, offset: Int64(bytes.count), length: length))
      guard try isThere(response, path) else { return nil }
      bytes += response.bytes
      // More than is wanted is refused by whoever asked; it need not all come.
      if bytes.count > request.maxBytes || Int64(bytes.count) >= response.header.total { return bytes }
      guard !response.bytes.isEmpty else { throw unreachable(path, "an empty part") }
      digest = response.header.sha256
    }
  }

  func fetch(_ target: TargetFile, isConsistentSnapshot: Bool, into staged: inout StagedTarget) throws(TrustError) {
    guard let name = isConsistentSnapshot ? target.consistentPath : target.path, let digest = target.digests.name else {
      throw TrustError(.malformed, "fetch", target.path, "no digest of a known kind")
    }
    var asked: [(id: String, offset: Int64, length: Int)] = []
    defer { exchange.forget(asked.map(\.id)) }
    var (next, pace) = (staged.download.received, FetchPace(now: MonotonicClock.preciseSeconds()))
    while !staged.download.isComplete {
      while asked.count < pace.outstanding, next < target.length {
        let length = Int(min(Int64(pace.partBytes), target.length - next))
        let request = ChunkRequest(path: "targets/\(name.string)", sha256: digest.string, offset: next, length: length)
        asked.append((exchange.ask(request), next, length))
        next += Int64(length)
      }
      let (id, offset, length) = asked.removeFirst()
      let response = try response(exchange.wait(for: id, isStopped: isStopped), target.path.string)
      guard try isThere(response, target.path.string) else {
        throw TrustError(.notFound, "fetch", target.path, "the plane does not have it")
      }
      pace.observe(bytes: response.bytes.count, now: MonotonicClock.preciseSeconds())
      try staged.take(response.bytes, at: offset, of: response.header.total)
      if response.bytes.count < length {
        // A part came short: go on from what is here.
        guard !response.bytes.isEmpty else { throw unreachable(target.path.string, "an empty part") }
        exchange.forget(asked.map(\.id))
        (asked, next) = ([], staged.download.received)
      }
    }
  }

  private func answer(to request: ChunkRequest) throws(TrustError) -> ChunkResponse {
    try response(exchange.wait(for: exchange.ask(request), isStopped: isStopped), request.path)
  }

  private func response(_ answer: UpdateExchange.Answer, _ path: String) throws(TrustError) -> ChunkResponse {
    guard case .chunk(let response) = answer else { throw unreachable(path, "the plane does not answer") }
    return response
  }

  /// False: the plane says that there is none.
  private func isThere(_ response: ChunkResponse, _ path: String) throws(TrustError) -> Bool {
    switch response.header.status {
    case .ok: return true
    case .notFound: return false
    case .held: throw TrustError(.held, "fetch", path, "its rollout is halted in this fleet")
    case .refused: throw unreachable(path, "the plane refuses it")
    }
  }

  private func unreachable(_ path: String, _ reason: String) -> TrustError { TrustError(.unreachable, "fetch", path, reason) }
}
