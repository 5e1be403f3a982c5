import Anomaly
import Configuration
import Contracts
import Glibc
import Signal
import Store
import Synchronization

/// Everything that is exported. Labels are bounded: fates, reasons, verdicts and states are lists in the code, points are at most
/// `ingest.max_points`.
struct MetricsFigures: Sendable {
  let folder: String
  let config: ThrumConfig
  let times: VerdictTimes
  private let workers: [PointWorker]
  private let refusedCodes: RefusedCodes?
  private let opened = Opened()

  private final class Opened: Sendable { let reader = Mutex<StoreReader?>(nil) }

  /// - Parameter refusedCodes: of the page; `nil` where it is switched off.
  init(
    _ config: ThrumConfig, stateFolder: String, times: VerdictTimes, workers: [PointWorker] = [],
    refusedCodes: RefusedCodes? = nil
  ) {
    (self.config, folder, self.times, self.workers) = (config, stateFolder, times, workers)
    self.refusedCodes = refusedCodes
  }

  private func reader() throws(StoreError) -> StoreReader {
    try opened.reader.withLock { reader throws(StoreError) in
      if let reader { return reader }
      let new = try StoreReader(folder: folder)
      reader = new
      return new
    }
  }

  func text() throws(StoreError) -> String {
    var figures = try figures()
    return figures.end()
  }

  func figures() throws(StoreError) -> OpenMetrics {
    let reader = try reader()
    let status = try reader.status(
      now: .now(), maxBytes: config.store.maxBytes, budgetBytesPerDay: config.plane?.budgetBytesPerDay)
    var out = OpenMetrics()
    gateway(status, &out)
    ledger(status, &out)
    points(status, &out)
    Self.drift(status.points, workers.reduce(into: [:]) { all, worker in all.merge(worker.driftFigures()) { $1 } }, &out)
    store(status, &out)
    try alarms(reader, &out)
    out.gauge(
      "thrum_last_model_timestamp_seconds", "When a point last finished learning.", unit: "seconds",
      try reader.newestLearning()?.seconds)
    let counts = times.now
    out.histogram(
      "thrum_sample_to_verdict_seconds", "From a frame's arrival until its verdict was on the disk.", unit: "seconds",
      bounds: VerdictTimes.bounds, counts: counts.frames, sum: counts.sumSeconds)
    process(&out)
    return out
  }

  // MARK: the gateway

  private func gateway(_ status: StatusReport, _ out: inout OpenMetrics) {
    out.family(
      "thrum_build", .info, "Which gateway this is, and its version.",
      [([("fleet", status.fleet), ("gateway", status.gateway), ("version", status.version)], 1)])
    let states: [StatusReport.State] = [.healthy, .degraded, .starting]
    out.family(
      "thrum_state", .stateset, "How the daemon is.", states.map { ([("thrum_state", $0.rawValue)], status.state == $0 ? 1 : 0) })
    out.gauge("thrum_uptime_seconds", "Since the start.", unit: "seconds", status.uptimeS.map(Double.init))
    out.family(
      "thrum_page_codes_refused", .counter, "Codes that let nobody in to the page.", [([], refusedCodes.map { Double($0.count) })]
    )
    out.gauge("thrum_broker_connected", "Whether the plant's broker is there.", status.broker.connected ? 1 : 0)
    if config.plane != nil {
      out.gauge("thrum_uplink_connected", "Whether the plane is there.", status.uplink.connected ? 1 : 0)
      out.gauge(
        "thrum_uplink_today_bytes", "Sent to the plane since midnight UTC.", unit: "bytes", Double(status.uplink.bytesToday))
    }
    let lanes = status.uplink.lanes.sorted { $0.key < $1.key }
    out.family("thrum_events", .counter, "Events of a lane, ever.", lanes.map { ([("lane", $0.key)], Double($0.value.last)) })
    guard config.plane != nil else { return }
    out.family(
      "thrum_events_unsent", .gauge, "Events that the plane has not got.",
      lanes.map { ([("lane", $0.key)], Double($0.value.last - $0.value.through)) })
  }

  // MARK: the ledger

  private func ledger(_ status: StatusReport, _ out: inout OpenMetrics) {
    let all = status.points.map(\.ledger) + [status.unassigned]
    func sum(_ part: (LedgerReport) -> Int) -> Double { Double(all.reduce(0) { $0 + part($1) }) }
    let fates: [(String, Double)] = [
      ("analysed", sum(\.analysed)), ("quarantined", sum(\.quarantined)), ("duplicate", sum(\.duplicate)),
      ("dropped", sum(\.dropped)),
    ]
    out.family("thrum_frames", .counter, "Frames by what became of them.", fates.map { ([("fate", $0.0)], $0.1) })
    out.family("thrum_frames_received", .counter, "Frames that came.", [([], sum(\.received))])
    out.family("thrum_frames_missing", .counter, "Frames lost before Thrum, as far as known.", [([], sum(\.missing))])
    out.gauge("thrum_frames_pending", "Frames in windows that are not full.", sum(\.pending))
    var reasons: [String: [String: Int]] = [:]
    for ledger in all {
      reasons["quarantined", default: [:]].merge(ledger.quarantinedBy, uniquingKeysWith: +)
      reasons["dropped", default: [:]].merge(ledger.droppedBy, uniquingKeysWith: +)
    }
    out.family(
      "thrum_frames_refused", .counter, "Frames that were not analysed, by reason.",
      reasons.sorted { $0.key < $1.key }.flatMap { fate, counts in
        counts.sorted { $0.key < $1.key }.map { ([("fate", fate), ("reason", $0.key)], Double($0.value)) }
      })
  }

  // MARK: points

  private func points(_ status: StatusReport, _ out: inout OpenMetrics) {
    let verdicts = ["normal", "warning", "alarm", "abstain", "suppressed"]
    out.family(
      "thrum_points", .gauge, "Points by verdict.",
      verdicts.map { verdict in ([("verdict", verdict)], Double(status.points.count { $0.verdict == verdict })) })
    let abstaining = Dictionary(
      status.points.filter { $0.verdict == "abstain" }.map { ($0.reason ?? "", 1) }, uniquingKeysWith: +)
    out.family(
      "thrum_points_abstaining", .gauge, "Points that decide nothing, by reason.",
      abstaining.sorted { $0.key < $1.key }.map { ([("reason", $0.key)], Double($0.value)) })
    func each(_ value: (StatusReport.Point) -> Double?) -> [(labels: [(String, String)], value: Double?)] {
      status.points.map { ([("machine", $0.machine), ("point", $0.point)], value($0)) }
    }
    let levels = ["normal": 0.0, "warning": 1, "alarm": 2, "abstain": -1, "suppressed": -2]
    out.family(
      "thrum_point_verdict", .gauge, "0 normal, 1 warning, 2 alarm, -1 abstains, -2 suppressed.", each { levels[$0.verdict] })
    out.family("thrum_point_velocity_mm_per_s", .gauge, "Velocity RMS in its severity's band.", each(\.velocityRmsMmS))
    out.family("thrum_point_anomaly_probability", .gauge, "Of the last window that was scored.", each(\.probability))
    out.family(
      "thrum_point_last_frame_timestamp_seconds", .gauge, "When the newest usable frame was taken.", unit: "seconds",
      each { $0.lastFrameAt.flatMap(UnixTime.init(rfc3339:))?.seconds })
    out.family(
      "thrum_point_model", .info, "The model a point is judged by.",
      status.points.compactMap { point in
        point.model.map {
          ([("machine", point.machine), ("point", point.point), ("model", $0), ("stage", point.stage ?? "")], 1)
        }
      })
  }

  /// Distance from what was learned: the figures of the last look of some hours, where there was one since the start.
  static func drift(_ points: [StatusReport.Point], _ figures: [PointID: DriftFigures], _ out: inout OpenMetrics) {
    out.family(
      "thrum_points_drifting", .gauge, "Points that are no longer spread as while they learned, by kind.",
      DriftKind.allCases.map { kind in ([("kind", kind.rawValue)], Double(points.count { $0.drift?.kind == kind.rawValue })) })
    func each(_ value: (DriftFigures) -> Double) -> [(labels: [(String, String)], value: Double?)] {
      points.map { point in
        let found = figures[PointID(machine: point.machine, point: point.point)]
        return ([("machine", point.machine), ("point", point.point)], found.map(value))
      }
    }
    out.family("thrum_point_drift_psi", .gauge, "Largest population stability index of a point's features.", each { $0.psi })
    out.family("thrum_point_drift_ks", .gauge, "Largest Kolmogorov-Smirnov distance of a point's features.", each { $0.ks })
  }

  // MARK: the store, the process

  private func store(_ status: StatusReport, _ out: inout OpenMetrics) {
    out.gauge("thrum_store_bytes", "Of database and log on the disk.", unit: "bytes", Double(status.store.bytes))
    out.gauge("thrum_store_max_bytes", "store.max_bytes.", unit: "bytes", Double(status.store.maxBytes))
    out.gauge("thrum_store_written_today_bytes", "Since midnight UTC.", unit: "bytes", Double(status.store.writtenBytesToday))
    out.family(
      "thrum_store_evicted_rows", .counter, "Given up for room or age.",
      status.store.evicted.sorted { $0.key < $1.key }.map { ([("what", $0.key)], Double($0.value)) })
  }

  private func process(_ out: inout OpenMetrics) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds =
      Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    out.family("process_cpu_seconds", .counter, "Processor time.", unit: "seconds", [([], seconds)])
    out.gauge("process_resident_memory_bytes", "Resident memory.", unit: "bytes", Self.residentBytes)
  }

  private static var residentBytes: Double? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = fread(&bytes, 1, bytes.count, file)
    let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
    return words.count > 1 ? Double(words[1]).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) } : nil
  }
}

extension UnixTime {
  /// Since 1970.
  var seconds: Double { Double(nanoseconds) / 1e9 }
}
