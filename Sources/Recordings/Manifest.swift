import Signal

/// A table of recordings: which file holds what, how it is read, and what may be learned from it.
package struct Manifest: Sendable {
  /// Of the manifest; files are named from here.
  package let folder: String
  package let rows: [Row]

  package init(reading path: String) throws(RecordingError) {
    folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    do {
      rows = try Self.rows(of: try FileBytes.read(path))
    } catch { throw RecordingError(path: path, reason: error.reason) }
  }

  /// The blocks of a recording in order of time; one, when it is continuous.
  package func snapshots(of row: Row) throws(RecordingError) -> [[Float]] {
    guard let format = RecordingFormat(name: row.encoding) else {
      throw RecordingError(path: row.file, reason: "unknown encoding \(row.encoding)")
    }
    return try row.snapshots(in: try Recording(reading: path(of: row.file), as: format, scale: row.scale).samples)
  }

  /// From the manifest's folder on; an absolute name stands for itself.
  package func path(of file: String) -> String { file.hasPrefix("/") || folder == "." ? file : "\(folder)/\(file)" }

  /// One recording.
  package struct Row: Sendable, Equatable {
    package var file: String
    package var dataSet: String
    /// One machine and point: learned from its `baseline` rows only.
    package var group: String
    package var machine: String
    package var point: String
    /// `nil` for a table of several quantities.
    package var unit: SignalUnit?
    /// `i16le`, `f32le`, or `csv;` for a table with a label a row.
    package var encoding: String
    package var scale: Double
    package var sampleRateHz: Double
    package var snapshots: Int
    package var snapshotSamples: Int
    /// From the start of one snapshot to the next.
    package var snapshotIntervalSeconds: Double?
    /// Since the start of the life.
    package var timeStartSeconds: Double?
    package var speedRPM: Double?
    package var role: Role
    /// For judging only; nothing may be decided by it.
    package var label: String
    /// Of the bearing, in orders of the shaft.
    package var lines: Lines?

    package var isHealthy: Bool { label.hasPrefix("healthy") }

    /// - Parameter samples: all of the file's.
    func snapshots(in samples: [Float]) throws(RecordingError) -> [[Float]] {
      // The product of what a file says may be larger than a number.
      guard samples.count.isMultiple(of: snapshotSamples), samples.count / snapshotSamples == snapshots else {
        let expected = "\(snapshots) × \(snapshotSamples)"
        throw RecordingError(path: file, reason: "expected \(expected) samples, got \(samples.count)")
      }
      return (0..<snapshots).map { Array(samples[$0 * snapshotSamples..<($0 + 1) * snapshotSamples]) }
    }
  }

  package enum Role: String, Sendable, CaseIterable { case baseline, test, diagnose, shift, run }

  package struct Lines: Sendable, Equatable {
    package var bpfo, bpfi, bsf, ftf: Double
  }
}

extension Manifest {
  static func rows(of bytes: [UInt8]) throws(RecordingError) -> [Row] {
    let table = try CSVTable(bytes)
    var rows: [Row] = []
    for index in table.rows.indices { rows.append(try Row(Cells(table: table, row: index))) }
    return rows
  }

  /// The cells of one row by name.
  fileprivate struct Cells {
    let table: CSVTable
    let row: Int

    func text(_ column: String) throws(RecordingError) -> String {
      guard let index = table.columns[column] else { throw RecordingError(reason: "has no column \(column)") }
      return table.rows[row][index]
    }

    /// `nil` for an empty cell.
    func number(_ column: String) throws(RecordingError) -> Double? {
      let text = try text(column)
      if text.isEmpty { return nil }
      guard let value = Double(text), value.isFinite else { throw wrong(column, "a number", text) }
      return value
    }

    func required<Value>(_ column: String, _ expected: String, _ read: (String) -> Value?) throws(RecordingError) -> Value {
      let text = try text(column)
      guard let value = read(text) else { throw wrong(column, expected, text) }
      return value
    }

    func positive(_ column: String) throws(RecordingError) -> Int {
      try required(column, "1 or more") { text in Int(text).flatMap { $0 > 0 ? $0 : nil } }
    }

    private func wrong(_ column: String, _ expected: String, _ got: String) -> RecordingError {
      RecordingError(reason: "row \(row + 1), \(column): expected \(expected), got \"\(got.prefix(40))\"")
    }
  }
}

extension Manifest.Row {
  fileprivate init(_ cells: Manifest.Cells) throws(RecordingError) {
    file = try cells.text("file")
    dataSet = try cells.text("dataset")
    group = try cells.text("group")
    machine = try cells.text("machine")
    point = try cells.text("point")
    encoding = try cells.text("encoding")
    unit = encoding == "csv;" ? nil : try cells.required("unit", "a unit") { SignalUnit(code: $0) }
    scale = try cells.number("scale") ?? 1
    sampleRateHz = try cells.required("sample_rate_hz", "above 0") { text in Double(text).flatMap { $0 > 0 ? $0 : nil } }
    snapshots = try cells.positive("snapshots")
    snapshotSamples = try cells.positive("snapshot_samples")
    snapshotIntervalSeconds = try cells.number("snapshot_interval_s")
    timeStartSeconds = try cells.number("time_start")
    speedRPM = try cells.number("rpm")
    role = try cells.required("role", "a role") { Manifest.Role(rawValue: $0) }
    label = try cells.text("label")
    lines = try Manifest.Lines(cells)
  }
}

extension Manifest.Lines {
  /// `nil` when one of them is not known.
  fileprivate init?(_ cells: Manifest.Cells) throws(RecordingError) {
    guard let bpfo = try cells.number("bpfo_x"), let bpfi = try cells.number("bpfi_x"), let bsf = try cells.number("bsf_x"),
      let ftf = try cells.number("ftf_x")
    else { return nil }
    (self.bpfo, self.bpfi, self.bsf, self.ftf) = (bpfo, bpfi, bsf, ftf)
  }
}
