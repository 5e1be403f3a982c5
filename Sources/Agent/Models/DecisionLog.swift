import Anomaly
import Contracts
import Signal

/// Gathers a point's decisions into rows of the prediction log: a row where the verdict or the model changes, and one a minute.
struct DecisionLog {
  private var open: Open?
  private var rows: [PredictionRow] = []

  private struct Open {
    var from: UnixTime
    var to: UnixTime
    var windows = 0
    var model: String?
    var inputs = ChainHash.nothing
    var verdict: Verdict
  }

  mutating func add(_ window: SeenWindow) {
    let model = window.modelVersion
    var row = open ?? Open(from: window.time, to: window.time, model: model, verdict: window.stands)
    if row.verdict != window.stands || row.model != model {
      close(row)
      row = Open(from: window.time, to: window.time, model: model, verdict: window.stands)
    }
    row.to = window.time
    row.windows += 1
    row.inputs = row.inputs.appending(Array(UnsafeRawBufferPointer(window.features)) + window.verdict.name.utf8)
    open = row
  }

  private var point = PointID(machine: "", point: "")

  private mutating func close(_ row: Open) {
    guard row.windows > 0, rows.count < Self.most else { return }
    rows.append(
      PredictionRow(
        point: point, from: row.from, to: row.to, windows: row.windows, model: row.model, inputs: row.inputs,
        verdict: row.verdict.name, reason: row.verdict.reason))
  }

  /// Rows that are closed, and the open one where it is a minute old.
  mutating func take(at now: UnixTime, of point: PointID) -> [PredictionRow] {
    self.point = point
    since = since ?? now
    if let row = open, let start = since, abs(now.seconds(since: start)) >= 60 {
      close(row)
      (open, since) = (nil, now)
    }
    guard !rows.isEmpty else { return [] }
    defer { rows = [] }
    return rows.map { row in
      var named = row
      (named.machine, named.point) = (point.machine, point.point)
      return named
    }
  }

  private var since: UnixTime?
  /// Of one batch.
  private static let most = 64
}
