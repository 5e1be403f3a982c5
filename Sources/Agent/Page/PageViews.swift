import Anomaly
import Configuration
import Contracts
import LocalAPI
import Signal
import Store
import Synchronization

/// What the page shows, as JSON: from the store as `thrum` reads it, and the newest samples from the workers. Asked by one thread.
struct PageViews: PageContent {
  private let folder: String
  let config: ThrumConfig
  private let workers: [PointWorker]
  /// Opened when somebody looks: a gateway without visitors does not hold a second connection.
  private let opened = Opened()

  private final class Opened: Sendable { let reader = Mutex<StoreReader?>(nil) }

  init(_ config: ThrumConfig, stateFolder: String, workers: [PointWorker]) {
    (self.config, folder, self.workers) = (config, stateFolder, workers)
  }

  func read(_ view: String, _ query: [String: String]) -> Result<[UInt8], CallProblem> {
    do throws(StoreError) {
      switch view {
      // THE LIST
      case "overview": return .success(JSON.encode(try overview()))
      case "point": return try of(query) { point throws(StoreError) in .success(JSON.encode(try pointDetail(point))) }
      case "trend": return try of(query) { point throws(StoreError) in .success(JSON.encode(try trend(point, query))) }
      case "waveform": return try of(query) { point in latest(point).map { JSON.encode(Waveform($0)) } }
      case "spectrum": return try of(query) { point in spectrum(point, query).map { JSON.encode($0) } }
      case "alarms": return .success(JSON.encode(try alarms()))
      case "alarm": return try alarm(query)
      default: return .failure(CallProblem(.notFound, "show", "", reason: "there is no such view"))
      }
    } catch {
      return .failure(CallProblem(.unavailable, "show", view, reason: "\(error)"))
    }
  }

  func reader() throws(StoreError) -> StoreReader {
    try opened.reader.withLock { reader throws(StoreError) in
      if let reader { return reader }
      let new = try StoreReader(folder: folder)
      reader = new
      return new
    }
  }

  /// What `make` says of the point that was asked for, where it is there.
  private func of(
    _ query: [String: String], _ make: (PointID) throws(StoreError) -> Result<[UInt8], CallProblem>
  ) throws(StoreError) -> Result<[UInt8], CallProblem> {
    let parts = (query["point"] ?? "").split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, case let point = PointID(machine: String(parts[0]), point: String(parts[1])),
      try reader().points().contains(where: { $0.point == point })
    {
      return try make(point)
    }
    return .failure(CallProblem(.notFound, "show", "", reason: "there is no such point"))
  }

  func worker(of point: PointID) -> PointWorker { workers[PointWorkers.index(of: point.machine, among: workers.count)] }

  // MARK: overview

  private struct Overview: Encodable {
    let status: Status
    let time: UnixTime
  }

  /// A status report whose points have what they measured last.
  private struct Status: Encodable {
    var report: StatusReport
    let values: [PointID: Reading]

    private enum Keys: String, CodingKey { case points }
    private struct Value: Encodable {
      let value: Double
      let unit: String
    }
    private struct Point: Encodable {
      let point: StatusReport.Point
      let value: Value?
      private enum Keys: String, CodingKey { case value }

      func encode(to encoder: any Encoder) throws {
        try point.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encodeIfPresent(value, forKey: .value)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var bare = report
      bare.points = []
      try bare.encode(to: encoder)
      var container = encoder.container(keyedBy: Keys.self)
      let points = report.points.map { point in
        let reading = values[PointID(machine: point.machine, point: point.point)]
        return Point(point: point, value: reading.map { Value(value: $0.value, unit: $0.unit.words) })
      }
      try container.encode(points, forKey: .points)
    }
  }

  private func overview() throws(StoreError) -> some Encodable {
    let now = UnixTime.now()
    var report = try reader().status(
      now: now, maxBytes: config.store.maxBytes, budgetBytesPerDay: config.plane?.budgetBytesPerDay)
    for index in report.points.indices { report.points[index].sequences = nil }
    let values = workers.reduce(into: [:]) { all, worker in all.merge(worker.latestReadings()) { $1 } }
    return Overview(status: Status(report: report, values: values), time: now)
  }

  // MARK: samples

  private func latest(_ point: PointID) -> Result<LatestSamples, CallProblem> {
    if let samples = worker(of: point).latestSamples(of: point, atMost: [PointWorker].mostSamples) { return .success(samples) }
    return .failure(.noSamples("show", of: point.description))
  }

  private func spectrum(_ point: PointID, _ query: [String: String]) -> Result<Spectrum, CallProblem> {
    guard let kind = query["kind"].flatMap(SpectrumRequest.Kind.init), [.velocity, .power, .envelope].contains(kind) else {
      return .failure(CallProblem(.invalid, "show", "kind", reason: "expected velocity, power or envelope"))
    }
    return latest(point).flatMap { latest in
      do throws(SignalError) { return .success(try Spectrum(latest, kind)) } catch {
        return .failure(CallProblem(.conflict, "show", point.description, reason: "\(error)"))
      }
    }
  }
}
