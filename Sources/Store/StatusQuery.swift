import Anomaly
import Contracts
import Signal

extension StoreReader {
  /// What `thrum status` shows, as the store has it.
  /// - Parameters:
  ///   - maxBytes: `store.max_bytes`; the store does not know its own limit.
  ///   - budgetBytesPerDay: of the plane; `nil`: no limit.
  package func status(now: UnixTime, maxBytes: Int, budgetBytesPerDay: Int?) throws(StoreError) -> StatusReport {
    let daemon = try daemon()
    let (isRunning, waiting) = (daemonPID != nil, waiting)
    let isAtWork = isRunning && waiting == nil
    let numbering = try numbering()
    let use = use
    let condition = daemon.flatMap { StatusReport.State(rawValue: $0.state.condition.rawValue) } ?? .starting
    let told = (daemon?.state.reasons ?? []) + unwritten(use, maxBytes: maxBytes)
    let troubles = waiting.map { ["store: \($0.words)"] } ?? told
    return StatusReport(
      gateway: daemon?.gateway ?? "", fleet: daemon?.fleet ?? "",
      state: !isRunning
        ? .stopped : !isAtWork ? .starting : use.isReadOnly || use.isCramped(maxBytes: maxBytes) ? .degraded : condition,
      reasons: isRunning ? troubles : [], version: daemon?.version ?? "",
      uptimeS: isAtWork ? daemon.map { Int(now.seconds(since: $0.startedAt)) } : nil,
      stoppedSince: isRunning ? nil : use.writtenAt?.rfc3339, stoppedInOrder: isRunning ? nil : daemon?.endedInOrder,
      points: try points(StatusReport.Point.init),
      store: try storeUse(use, numbering, now: now, maxBytes: maxBytes),
      unassigned: LedgerReport(try unassigned()), broker: .init(isAtWork ? daemon?.state.broker : nil),
      uplink: .init(daemon?.uplink(isRunning: isAtWork), numbering, budgetBytesPerDay))
  }
}

extension StoreReader {
  private func storeUse(
    _ use: StoreUse, _ numbering: Numbering?, now: UnixTime, maxBytes: Int
  ) throws(StoreError) -> StatusReport.StoreUse {
    let days = try written(days: 8)
    let today = Int(now.nanoseconds / 86_400_000_000_000)
    let over = days.filter { $0.day != today }
    return StatusReport.StoreUse(
      bytes: use.bytes, maxBytes: maxBytes, unsentEvents: Int(numbering?.unsentEvents ?? 0),
      oldestUnsentAt: numbering?.oldestUnsent?.rfc3339,
      writtenBytesPerDay: over.isEmpty ? nil : over.reduce(0) { $0 + $1.bytes } / over.count,
      writtenBytesToday: days.first { $0.day == today }?.bytes ?? 0,
      evicted: Dictionary(uniqueKeysWithValues: try evictions().map { ($0.what, $0.rows) }), setAside: setAside)
  }
}

extension StoreReader {
  /// What the daemon cannot write down itself: that there is no room to write.
  private func unwritten(_ use: StoreUse, maxBytes: Int) -> [String] {
    if use.isReadOnly {
      return ["store: the disk is mounted read-only, nothing can be committed; look at the disk, mount it anew"]
    }
    return use.isCramped(maxBytes: maxBytes) ? ["store: the disk is full, nothing can be committed; free some space"] : []
  }
}

extension StoreUse {
  /// The store may grow and cannot.
  func isCramped(maxBytes: Int) -> Bool { bytes < maxBytes && (freeBytes ?? .max) < 1 << 18 }
}

extension DaemonRecord {
  /// A daemon that has started and says nothing of a plane has none, whether it runs or not.
  fileprivate func uplink(isRunning: Bool) -> DaemonState.Link? {
    guard let link = state.uplink else {
      return state.condition == .starting ? nil : DaemonState.Link(connected: false, reason: StatusReport.Uplink.none)
    }
    return isRunning ? link : nil
  }
}

extension StatusReport.Link {
  /// Without a daemon nothing is connected.
  fileprivate init(_ link: DaemonState.Link?) {
    self.init(connected: link?.connected ?? false, reason: link?.reason)
  }
}

extension StatusReport.Uplink {
  fileprivate init(_ link: DaemonState.Link?, _ numbering: Numbering?, _ budgetBytesPerDay: Int?) {
    let heads = numbering?.lanes ?? []
    self.init(
      connected: link?.connected ?? false, reason: link?.reason,
      lanes: Dictionary(uniqueKeysWithValues: heads.map { ($0.lane.rawValue, .init(last: $0.last, through: $0.through)) }),
      bytesToday: link?.bytesToday ?? 0, budgetBytesPerDay: budgetBytesPerDay)
  }
}

/// Whether what the point has learned itself speaks, not a delivered model.
private func isLocal(_ record: PointRecord) -> Bool { record.state.modelVersion.map { $0.hasPrefix("local-") } ?? false }

extension StatusReport.Point {
  fileprivate init(_ record: PointRecord) {
    let state = record.state
    let shown = record.suppression.map { Verdict.suppressed($0.reason) } ?? state.verdict
    self.init(
      machine: record.point.machine, point: record.point.point, verdict: shown.name, reason: shown.reason,
      isoZone: state.zone?.rawValue, velocityRmsMmS: state.velocityRMS, probability: state.probability,
      uncalibrated: state.uncalibrated,
      model: state.modelVersion, stage: state.modelVersion.map { record.stages[$0]?.rawValue ?? "active" },
      baseline: .init(
        state: state.baseline.phase.rawValue, progress: state.baseline.fraction, stoppedBy: record.learningStop?.by),
      operatingState: state.operatingState.rawValue, lastFrameAt: state.lastFrameAt?.rfc3339, ledger: LedgerReport(record.ledger),
      sequences: record.sequences?.ranges.map { [$0.lowerBound, $0.upperBound] },
      suppression: record.suppression.map { SuppressionRow($0, verdict: state.verdict) },
      budget: record.watch.map { .init($0) }, drift: record.watch.flatMap { .init($0) },
      latest: record.latest,
      probabilityLabels: state.score != nil && isLocal(record) ? record.probabilityLabels : nil)
  }
}
