import Anomaly
import Configuration
import Contracts
import ModelFixtures
import ModelPackages
import Signal
import TestSupport

@testable import Agent
@testable import MQTT
@testable import Store

/// A gateway with delivered models and a real store; its thread of models works when it is told to.
final class RoadBench {
  let folder: TemporaryFolder
  /// None while it is restarted: the store's lock goes with it.
  private var parts: [(store: Store, desk: ModelDesk, workers: PointWorkers)]
  var store: Store { parts[0].store }
  var desk: ModelDesk { parts[0].desk }
  var workers: PointWorkers { parts[0].workers }
  private let configuration: String
  private var sequence: [String: Int] = [:]
  private(set) var sent: [PointID: Int] = [:]
  private(set) var reports: [ModelReport] = []
  /// Of the bench's own clock.
  private(set) var now = UnixTime(seconds: 1_000_000)

  static func configuration(baselineWindows: Int = 0, unit: String = "g", rate: Int = 2560) -> String {
    """
    [[source]]
    topic = 'plant/{machine}/{point}'
    payload = 'f32le'
    unit = '\(unit)'
    sample_rate_hz = \(rate)
    window_samples = 256
    overlap = 0
    baseline_windows = \(baselineWindows)
    header_bytes = 4
    sequence_at = 0
    """
  }

  init(_ configuration: String = configuration()) throws {
    self.configuration = configuration
    folder = try TemporaryFolder()
    parts = [try Self.make(folder, configuration)]
  }

  private static func open(_ folder: TemporaryFolder) throws -> Store {
    let origin = EventOrigin(fleet: "demo", gateway: "gw-1")
    return try Store.open(
      folder: folder.path,
      settings: StoreSettings(origin: origin, version: "0.1.0", startedAt: UnixTime(seconds: 1), binding: [1, 2]))
  }

  private static func make(
    _ folder: TemporaryFolder, _ configuration: String
  ) throws -> (store: Store, desk: ModelDesk, workers: PointWorkers) {
    let store = try open(folder)
    let config = try ConfigFile.parse([("thrum.toml", configuration)])
    let book = PointSettingsBook(config)
    let desk = try ModelDesk(store, config, version: "0.1.0", onNews: {})
    let workers = PointWorkers(
      [PointWorker(settings: book, models: desk)], learner: Learner {}, models: desk, routes: try Routes(config.sources),
      restored: try store.reader.restoredState(session: "test"), broker: "mqtt://test", maxPoints: 100)
    return (store, desk, workers)
  }

  /// As after `kill -9`: nothing but the disk is left.
  func restart() throws {
    parts = []
    parts = [try Self.make(folder, configuration)]
  }

  func offer(_ package: ModelPackage, _ rollout: Rollout? = nil, isSigned: Bool = true) throws {
    let path = folder.path + "/incoming"
    try DurableBytes.write(package.encoded(), to: path)
    try desk.offer(
      packageAt: path, digest: package.digest, rollout: rollout ?? Machine.rollout(package), isSigned: isSigned)
  }

  /// Windows that come one batch each, judged, committed, and seen by the thread of models.
  func send(_ count: Int, _ kind: GoldenVector.Kind = .healthy, to points: [String] = ["pump/de"]) throws {
    for _ in 0..<count {
      let batch = batch(points, kind)
      try commit(workers.take(batch, at: now))
      _ = desk.workOff(asksConfirmed: true)
    }
  }

  /// The next window of each point.
  func batch(_ points: [String], _ kind: GoldenVector.Kind = .healthy) -> Batch {
    var batch = Batch()
    for point in points { batch.messages.append(message(point, kind)) }
    now = now.advanced(bySeconds: 0.1)
    return batch
  }

  func wait(seconds: Double) throws { now = now.advanced(bySeconds: seconds) }

  func commit(_ change: Change) throws {
    for case .modelMoved(let report) in (change.occurrences + change.points.flatMap(\.occurrences)).map(\.kind) {
      reports.append(report)
    }
    try store.commit(change)
  }

  private func message(_ point: String, _ kind: GoldenVector.Kind) -> Message {
    let number = sequence[point, default: 0] + 1
    sequence[point] = number
    let parts = point.split(separator: "/").map(String.init)
    sent[PointID(machine: parts[0], point: parts[1]), default: 0] += 1
    let samples = Machine.window(kind, seed: UInt64(5000 + number) ^ Digest64.of(point))
    let payload = ([Float(bitPattern: UInt32(number))] + samples).flatMap { sample in
      withUnsafeBytes(of: sample.bitPattern.littleEndian, Array.init)
    }
    return Message(topic: "plant/\(point)", payload: payload, isRedelivered: false, messageID: UInt16(truncatingIfNeeded: number))
  }

  // MARK: what is to be seen

  /// As it stands on the disk.
  func stage(_ package: ModelPackage) throws -> ModelStage? { try row(package)?.stage }
  func row(_ package: ModelPackage) throws -> ModelVersionRow? {
    try store.reader.modelVersions().first { $0.digest == package.digest }
  }
  func road(_ point: String = "pump/de") throws -> ModelRoadRow? {
    try store.reader.modelRoads().first { "\($0.point)" == point }
  }
  /// By the point's stored state: who judged the last window.
  func speaks(_ point: String = "pump/de") throws -> String? {
    try store.reader.points().first { "\($0.point)" == point }?.state.modelVersion
  }

  /// Every frame that was sent was received, and every received one is accounted for.
  func ledgerIsExact() throws -> Bool {
    try store.reader.points().allSatisfy { record in
      record.ledger.received == sent[record.point, default: 0] && record.ledger.balances
        && record.ledger.analysed == record.ledger.received
    }
  }
}
