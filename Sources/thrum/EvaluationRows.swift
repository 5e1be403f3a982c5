import Anomaly
import Recordings
import Signal

/// A manifest's recordings, read; what cannot be judged yet is named instead.
struct EvaluationRows {
  private(set) var rows: [EvaluationRow] = []
  private(set) var skipped: [(file: String, reason: String)] = []

  init(_ path: String) throws {
    let manifest = try Manifest(reading: path)
    for row in manifest.rows {
      if row.role == .shift {
        skipped.append((row.file, "role shift is not evaluated yet"))
      } else if let unit = row.unit, let role = EvaluationRow.Role(rawValue: row.role.rawValue) {
        let stretch = Self.stretch(row, unit, try manifest.snapshots(of: row))
        rows.append(
          EvaluationRow(
            file: row.file, dataSet: row.dataSet, group: row.group, role: role, label: row.label, stretch: stretch))
      } else {
        skipped.append((row.file, "tables (encoding \(row.encoding)) are not evaluated yet"))
      }
    }
  }

  /// Groups whose recordings cannot be judged, for there is nothing to learn from.
  var groupsWithoutBaseline: [String] {
    let learned = Set(rows.filter { $0.role == .baseline }.map(\.group))
    return Set(rows.filter { $0.role == .test || $0.role == .run }.map(\.group)).subtracting(learned).sorted()
  }

  private static func stretch(_ row: Manifest.Row, _ unit: SignalUnit, _ snapshots: [[Float]]) -> RecordedStretch {
    var stretch = RecordedStretch(snapshots: snapshots, unit: unit, sampleRateHz: row.sampleRateHz)
    stretch.intervalSeconds = row.snapshotIntervalSeconds
    stretch.timeStartSeconds = row.timeStartSeconds ?? 0
    stretch.speedRPM = row.speedRPM
    stretch.bearing = row.lines.map { BearingMultiples(bpfo: $0.bpfo, bpfi: $0.bpfi, bsf: $0.bsf, ftf: $0.ftf) }
    return stretch
  }
}
