/// Samples over time as text: each column from its lowest to its highest sample, half a row fine. Needs no colour.
///
///      0.8 g ┤       ▄         ▄
///            │▄▄█▄▄▄▄█▄▄▄▄▄█▄▄▄█▄▄▄
///       -0.8 ┤▀▀█▀▀▀▀█▀▀▀▀▀█▀▀▀█▀▀▀
///            ┼──────────────────────
///            0        0.5        1 s
package struct WaveformPlot {
  /// What is not finite is left out.
  package var samples: [Float]
  /// Above 0.
  package var sampleRateHz: Double
  /// Follows the largest value.
  package var unit: String

  package init(samples: [Float], sampleRateHz: Double, unit: String = "") {
    (self.samples, self.sampleRateHz, self.unit) = (samples, sampleRateHz, unit)
  }

  /// - Parameters:
  ///   - columns: of the whole drawing; at least 24 are taken.
  ///   - rows: of the blocks alone, at least 2; axis and ticks come below.
  package func rendered(columns: Int, rows: Int) -> String {
    let (rows, range) = (max(rows, 2), range)
    let top = Text.significant(range.upperBound, digits: 3) + (unit.isEmpty ? "" : " " + unit)
    let bottom = Text.significant(range.lowerBound, digits: 3)
    let margin = max(top.count, bottom.count)
    let seconds = Double(max(samples.count, 2)) / sampleRateHz
    let scale = seconds < 0.5 ? 1000.0 : 1
    let axis = FrequencyAxis(firstHz: 0, lastHz: seconds * scale, columns: max(columns - margin - 2, 16))
    let spans = spans(axis.columns, halves: 2 * rows, range)
    let body = (0..<rows).map { row in
      let label = row == 0 ? top : row == rows - 1 ? bottom : ""
      return Self.right(label, margin) + (label.isEmpty ? " │" : " ┤")
        + spans.map { Self.cell($0, half: 2 * (rows - 1 - row)) }.joined()
    }
    let blanks = String(repeating: " ", count: margin)
    let foot = [blanks + " ┼" + axis.line([]), blanks + "  " + axis.ticks(unit: scale == 1 ? "s" : "ms")]
    return (body + foot).map(Text.withoutTrailingBlanks).joined(separator: "\n")
  }

  /// Zero in the middle where the samples lie on both sides of it.
  private var range: ClosedRange<Double> {
    let finite = samples.lazy.filter(\.isFinite).map { Double($0) }
    guard let low = finite.min(), let high = finite.max() else { return -1...1 }
    if low <= 0, high >= 0, low < high { return -max(-low, high)...max(-low, high) }
    let room = low < high ? 0 : max(abs(high) / 10, 1e-9)
    return (low - room)...(high + room)
  }

  /// Lowest and highest half row of each column, from the bottom; of columns without a sample, `nil`. A column begins where the one
  /// before it ended, so that the line is whole.
  private func spans(_ columns: Int, halves: Int, _ range: ClosedRange<Double>) -> [ClosedRange<Int>?] {
    (0..<columns).map { column in
      let start = max(0, column * samples.count / columns - 1)
      let end = max(start + 1, (column + 1) * samples.count / columns)
      let values = samples[min(start, samples.count)..<min(end, samples.count)].filter(\.isFinite)
      guard let low = values.min(), let high = values.max() else { return nil }
      func half(_ value: Float) -> Int {
        let part = (Double(value) - range.lowerBound) / (range.upperBound - range.lowerBound)
        return min(halves - 1, max(0, Int((part * Double(halves - 1)).rounded())))
      }
      return half(low)...half(high)
    }
  }

  /// - Parameter half: the lower one of the cell.
  private static func cell(_ span: ClosedRange<Int>?, half: Int) -> String {
    switch (span?.contains(half + 1) ?? false, span?.contains(half) ?? false) {
    case (true, true): "█"
    case (true, false): "▀"
    case (false, true): "▄"
    case (false, false): " "
    }
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
