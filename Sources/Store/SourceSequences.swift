import Anomaly
import SQLite

/// The source sequences of each point that are committed, a row per range.
struct SourceSequences {
  let database: Database

  /// Makes the point's rows equal to `sequences`; rows that stand already are not written again.
  func save(_ sequences: SequenceRanges, of point: Int) throws(SQLiteError) {
    let stored = Set(try ranges(of: point))
    let wanted = Set(sequences.ranges)
    let begins = Set(wanted.map(\.lowerBound))
    for range in stored where !begins.contains(range.lowerBound) {
      try database.run("DELETE FROM source_sequence WHERE point = ? AND first = ?", point, range.lowerBound)
    }
    for range in wanted.subtracting(stored) {
      try database.run(
        "INSERT OR REPLACE INTO source_sequence (point, first, last) VALUES (?, ?, ?)", point, range.lowerBound, range.upperBound)
    }
  }

  /// `nil` when the point's source has no sequences.
  func load(_ point: Int) throws(SQLiteError) -> SequenceRanges? {
    let ranges = try ranges(of: point)
    return ranges.isEmpty ? nil : SequenceRanges(ranges.sorted { $0.lowerBound < $1.lowerBound })
  }

  /// Of every point that has any, by the point's number.
  func all() throws(SQLiteError) -> [Int: SequenceRanges] {
    var ranges: [Int: [ClosedRange<UInt64>]] = [:]
    try database.each("SELECT point, first, last FROM source_sequence") { row throws(SQLiteError) in
      let (first, last): (UInt64, UInt64) = (row[1], row[2])
      if first <= last { ranges[row[0], default: []].append(first...last) }
    }
    return ranges.mapValues { SequenceRanges($0.sorted { $0.lowerBound < $1.lowerBound }) }
  }

  /// In the order of SQLite's signed integers; a damaged row is left out.
  private func ranges(of point: Int) throws(SQLiteError) -> [ClosedRange<UInt64>] {
    try database.rows("SELECT first, last FROM source_sequence WHERE point = ?", point) { row throws(SQLiteError) in
      let (first, last): (UInt64, UInt64) = (row[0], row[1])
      return first <= last ? first...last : nil
    }.compactMap { $0 }
  }
}
