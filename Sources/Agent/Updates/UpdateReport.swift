import Contracts
import ModelPackages
import Signal

/// How updates go, for `up/reported`: beside what the models say.
struct UpdateReport: Equatable {
  private var update = Update()

  private struct Update: Codable, Equatable {
    /// The last update that went through.
    var checkedAt: UnixTime?
    var failures: [Failure] = []
  }

  struct Failure: Codable, Equatable {
    /// `TrustError.Kind`, for machines.
    var reason: String
    var words: String

    init(_ error: TrustError) { (reason, words) = (error.kind.rawValue, String(error.description.prefix(512))) }
  }

  mutating func checked(at time: UnixTime?, _ failures: [TrustError]) {
    update = Update(checkedAt: time, failures: failures.prefix(16).map(Failure.init))
  }

  mutating func failed(_ error: TrustError) { update.failures = [Failure(error)] }

  /// - Parameter models: a JSON object.
  func encoded(with models: [UInt8]) -> [UInt8] {
    let own = Array(#""update":"#.utf8) + JSON.encode(update)
    guard models.last == UInt8(ascii: "}") else { return Array("{\"models\":[],".utf8) + own + Array("}".utf8) }
    return models.dropLast() + (models.count > 2 ? Array(",".utf8) : []) + own + Array("}".utf8)
  }
}
