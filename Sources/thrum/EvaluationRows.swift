import Anomaly
import Recordings
import Signal

/// A manifest's recordings, read; what cannot be judged yet is named instead.
struct EvaluationRows {
  private(set) var rows: [EvaluationRow] = []
  private(set) var tables: [EvaluationTable] = []
  private(set) var skipped: [(file: String, reason: String)] = []

  init(_ path: String) throws {
    let manifest = try Manifest(reading: path)
    for row in manifest.rows {
      if let unit = row.unit, let role = EvaluationRow.Role(rawValue: row.role.rawValue) {
        let stretch = Self.stretch(row, unit, try manifest.snapshots(of: row))
        rows.append(
          EvaluationRow(
            file: row.file, dataSet: row.dataSet, group: row.group, role: role, label: row.label, stretch: stretch))
      } else {
        try add(manifest.table(of: row), row)
      }
    }
  }

  private mutating func add(_ table: LabelledTable, _ row: Manifest.Row) {
    guard row.role == .test else {
      return skipped.append((row.file, "a table is learned from its own first 400 rows; only role test is judged"))
    }
    guard let isAnomalous = table.isAnomalous else { return skipped.append((row.file, "the table has no column anomaly")) }
    let recorded = RecordedTable(rows: table.rows, sampleRateHz: row.sampleRateHz)
    tables.append(
      EvaluationTable(
        file: row.file, dataSet: row.dataSet, group: row.group, label: row.label, table: recorded, isAnomalous: isAnomalous))
  }

  /// Groups whose recordings cannot be judged, for there is nothing to learn from.
  var groupsWithoutBaseline: [String] {
    let learned = Set(rows.filter { $0.role == .baseline }.map(\.group))
    return Set(rows.filter { [.test, .run, .shift].contains($0.role) }.map(\.group)).subtracting(learned).sorted()
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
