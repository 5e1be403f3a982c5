import Anomaly
import Contracts
import Glibc
import SQLite
import Signal

/// What becomes measurements for the plane: histories and ledgers in the lane of trends, waveforms in the lane of evidence, what a
/// fleet may learn from in the lane of samples. Items of at most 12 KiB, in the transaction of what they tell of.
struct PlaneFeed {
  let database: Database
  let settings: StoreSettings
  let epoch: EpochRow
  let clock: ClockStamp?

  func add(_ reports: [TrendReport], of point: PointID, at time: UnixTime) throws(SQLiteError) {
    guard settings.feedsPlane else { return }
    for report in reports { try append(.trend, TrendReport.type, report, point.description, time) }
  }

  func add(_ windows: [BaselineWindow], of point: PointID, at time: UnixTime) throws(SQLiteError) {
    let names = Analyzers.featureNames
    // What a scalar learns from are means, no windows.
    let windows = windows.filter { $0.features.count == names.count }
    guard settings.feedsPlane, !windows.isEmpty else { return }
    for part in FeatureSample.parts(windows, names: names) {
      try append(.sample, FeatureSample.type, part, point.description, time)
    }
  }

  /// Healthy waveforms are samples for training, all others evidence.
  func add(_ waveform: WaveformSnapshot) throws(SQLiteError) {
    let isSample = waveform.cause == .healthy
    guard isSample ? settings.feedsPlane : settings.keepsEvidence || waveform.cause == .asked else { return }
    let lane = isSample ? Lane.sample : .evidence
    let number = try Lanes(database: database).head(of: lane).last + 1
    let name = "\(settings.origin.gateway):\(epoch.epoch):\(lane.rawValue):\(number)"
    guard let box = WaveformBox.close(WaveformDocument(waveform).encoded, key: settings.evidenceKey, name: name) else { return }
    let type = isSample ? WaveformPart.sampleType : WaveformPart.evidenceType
    for part in WaveformPart.parts(of: box.bytes, codec: box.codec, evidence: name, cause: waveform.cause.rawValue) {
      try append(lane, type, part, waveform.point.description, waveform.time)
    }
  }

  func addLedgers(at time: UnixTime) throws(SQLiteError) {
    let ledgers = try FrameLedger(database: database).all()
    var points = try Points(database: database).names().compactMap { entry in
      ledgers[entry.number].map {
        LedgerSummary.Point(machine: entry.point.machine, point: entry.point.point, ledger: LedgerReport($0))
      }
    }
    if let rest = ledgers[FrameLedger.unassigned] {
      points.append(LedgerSummary.Point(machine: "", point: "", ledger: LedgerReport(rest)))
    }
    guard !points.isEmpty else { return }
    for part in LedgerSummary.parts(points) { try append(.trend, LedgerSummary.type, part, "", time) }
  }

  func append(_ lane: Lane, _ type: String, _ data: some Encodable, _ subject: String, _ time: UnixTime)
    throws(SQLiteError)
  {
    try Lanes(database: database, clock: clock).append(
      lane, type, data, subject: subject, at: time, from: settings.origin, in: epoch)
  }
}

/// When the plane is told the ledgers again: soon after the start, every hour, and five minutes after more was lost.
final class LedgerTurn {
  private var next = 0
  private var toldLoss = -1
  private var toldAt = 0

  /// - Returns: whether it is time.
  func isDue(in database: Database) throws(SQLiteError) -> Bool {
    let now = Self.seconds
    if next == 0 { next = now + 10 }
    guard now >= min(next, toldAt + 300) else { return false }
    let loss =
      try database.first(
        """
        SELECT (SELECT coalesce(sum(missing), 0) FROM ledger) +
          (SELECT coalesce(sum(frames), 0) FROM ledger_reason WHERE fate = 'dropped')
        """
      ) { $0[0] as Int } ?? 0
    guard now >= next || loss != toldLoss else {
      toldAt = now
      return false
    }
    (next, toldLoss, toldAt) = (now + 3600, loss, now)
    return true
  }

  private static var seconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec
  }
}
