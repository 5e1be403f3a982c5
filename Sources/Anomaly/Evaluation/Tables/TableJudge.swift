import Signal

/// A slow stream of several quantities: all that a judgement may rest on.
package struct RecordedTable: Sendable {
  /// Each moment's quantities; not a number where one is missing.
  package var rows: [[Double]]
  /// Rows per second.
  package var sampleRateHz: Double

  package init(rows: [[Double]], sampleRateHz: Double) {
    (self.rows, self.sampleRateHz) = (rows, sampleRateHz)
  }
}

/// What stood at each row of a table.
struct TableVerdicts: Sendable {
  /// What may be learned from, and is not judged.
  static let learnedRows = 400
  /// Rows that a judgement is the mean of.
  static let meanRows = 10

  /// Of the rows after the first `learnedRows`.
  private(set) var seen: [EvaluationReplay.Seen] = []
  /// Means that were learned from.
  private(set) var learnedMeans = 0

  /// Two means without a row in common must be quiet before an alarm goes.
  private static let debounce: DebounceSettings = {
    var settings = DebounceSettings()
    settings.clear = 2 * meanRows
    return settings
  }()

  /// - Returns: nothing seen where the table has no more rows than may be learned from.
  init(_ table: RecordedTable) {
    let means = Self.means(table.rows)
    guard means.count > Self.learnedRows else { return }
    let healthy = Array(means[(Self.meanRows - 1)..<Self.learnedRows])
    learnedMeans = healthy.count
    let limits = ColumnLimits(healthy, overlappingNeighbours: Self.meanRows - 1)
    var (debounce, verdict) = (Debounce(), Verdict.normal)
    for mean in means[Self.learnedRows...] {
      let score = limits.score(mean).map { Score(joint: $0) }
      if let score { debounce.push(score.verdict) }
      verdict = score == nil ? .abstain(.noData) : debounce.verdict(after: verdict, Self.debounce)
      let said = score?.verdict ?? .abstain(.noData)
      seen.append(EvaluationReplay.Seen(verdict: verdict, said: said, probability: score?.probability))
    }
  }

  /// Of each row and up to nine before it; what is missing is left out.
  private static func means(_ rows: [[Double]]) -> [[Double]] {
    rows.indices.map { index in
      let latest = rows[max(0, index + 1 - meanRows)...index]
      return rows[index].indices.map { column in
        let values = latest.lazy.map { $0[column] }.filter(\.isFinite)
        return values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
      }
    }
  }
}
