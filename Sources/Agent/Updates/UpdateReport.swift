import Contracts
import ModelPackages
import Signal

/// `up/reported`: what the models say, and how updates go.
struct UpdateReport {
  private var update = Update()
  private var told: [Standing]?
  private var toldAt = 0.0
  private var toldUpdate = Update()

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

  /// What is told at once when it changes; counts in between wait.
  private struct Standing: Equatable {
    var sha256, stage, state: String
    var points: [String]

    init(_ version: ModelsReport.Version) {
      (sha256, stage, state) = (version.sha256, version.stage, version.state)
      points = version.points.map(\.stage)
    }
  }

  private struct Body: Encodable {
    var format: Int
    var models: [ModelsReport.Version]
    var update: Update
  }

  mutating func checked(at time: UnixTime?, _ failures: [TrustError]) {
    update = Update(checkedAt: time, failures: failures.prefix(16).map(Failure.init))
  }

  mutating func failed(_ error: TrustError) { update.failures = [Failure(error)] }

  /// Bytes to tell now; `nil` when nothing moved, and the last word is younger than an hour.
  mutating func due(_ models: ModelsReport, now: Double) -> [UInt8]? {
    let standing = models.models.map(Standing.init)
    let isNews = standing != told || update.failures != toldUpdate.failures
    guard isNews || now - toldAt >= Self.countsSeconds else { return nil }
    (told, toldAt, toldUpdate) = (standing, now, update)
    return encoded(models)
  }

  private static let countsSeconds = 3600.0
  private static let mostBytes = 48 << 10

  /// Without the points where they would be too many for one message; without the oldest versions where those are.
  private func encoded(_ models: ModelsReport) -> [UInt8] {
    var body = Body(format: models.format, models: models.models, update: update)
    var bytes = JSON.encode(body)
    if bytes.count > Self.mostBytes {
      for index in body.models.indices { body.models[index].points = [] }
      body.models = Array(body.models.prefix(Self.mostVersions))
      bytes = JSON.encode(body)
    }
    return bytes
  }

  private static let mostVersions = 64
}
