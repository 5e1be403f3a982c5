import Signal

/// A table of quantities over time with a label a row, as data sets of slow signals have it.
package struct LabelledTable: Sendable, Equatable {
  /// Of the quantities.
  package let names: [String]
  /// A row each moment; not a number where a cell is empty.
  package let rows: [[Double]]
  /// For judging only; `nil` where the table has no labels.
  package let isAnomalous: [Bool]?

  /// What people found out afterwards: no quantity.
  private static let labels = ["anomaly", "changepoint"]

  /// - Parameter bytes: cells separated by semicolons, with a heading. A column that begins with what is no number, like a time,
  ///   is no quantity.
  init(_ bytes: [UInt8]) throws(RecordingError) {
    let table = try CSVTable(bytes, separator: UInt8(ascii: ";"))
    guard let first = table.rows.first else { throw RecordingError(reason: "holds no rows") }
    let columns = table.columns.sorted { $0.value < $1.value }
    let quantities = columns.filter { !Self.labels.contains($0.key) && Self.number(first[$0.value]) != nil }
    guard !quantities.isEmpty else { throw RecordingError(reason: "has no column of numbers") }
    names = quantities.map(\.key)
    rows = try Self.numbers(table, quantities)
    isAnomalous = table.columns["anomaly"].map { column in table.rows.map { (Self.number($0[column]) ?? 0) > 0.5 } }
  }

  private static func numbers(_ table: CSVTable, _ columns: [(key: String, value: Int)]) throws(RecordingError) -> [[Double]] {
    var rows: [[Double]] = []
    for (index, cells) in table.rows.enumerated() {
      var row: [Double] = []
      for (name, column) in columns {
        guard let value = number(cells[column]) ?? (cells[column].isEmpty ? .nan : nil) else {
          throw RecordingError(reason: "row \(index + 1), \(name): expected a number, got \"\(cells[column].prefix(40))\"")
        }
        row.append(value)
      }
      rows.append(row)
    }
    return rows
  }

  private static func number(_ cell: String) -> Double? {
    guard let value = Double(cell), value.isFinite else { return nil }
    return value
  }
}

extension Manifest {
  /// The table that a row with the encoding `csv;` names.
  package func table(of row: Row) throws(RecordingError) -> LabelledTable {
    do {
      return try LabelledTable(try FileBytes.read(path(of: row.file)))
    } catch { throw RecordingError(path: row.file, reason: error.reason) }
  }
}
