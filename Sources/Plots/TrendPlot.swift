/// Values over time as text: the highest and lowest of each column between them, gaps where nothing was measured. Needs no colour.
///
///     7.1 mm/s ┤                       ▁▂▅█
///              │              ▁▂▄▅▇████████
///            0 ┼──────────────────────────────
///              Mon 08:00              Fri 16:00
package struct TrendPlot {
  /// A value and its time; `nil` where it is not known.
  package struct Sample: Sendable, Equatable {
    /// Seconds since any moment, not falling.
    package var seconds: Double
    package var value: Double?

    package init(seconds: Double, value: Double?) {
      self.seconds = seconds
      self.value = value
    }
  }

  package var samples: [Sample]
  /// Follows the largest value.
  package var unit: String
  /// Words for the two ends of the time axis.
  package var ends: (first: String, last: String)
  /// Values worth a line of their own, as the limits between zones.
  package var limits: [(name: String, value: Double)]

  package init(
    samples: [Sample], unit: String = "", ends: (first: String, last: String) = ("", ""),
    limits: [(name: String, value: Double)] = []
  ) {
    self.samples = samples
    self.unit = unit
    self.ends = ends
    self.limits = limits
  }

  /// - Parameters:
  ///   - columns: of the whole drawing; at least 24 are taken.
  ///   - rows: of the bars alone, at least 2.
  package func rendered(columns: Int, rows: Int) -> String {
    let (rows, values) = (max(rows, 2), usable)
    let largest = max(values.map(\.value).max() ?? 0, 1e-9)
    let top = Text.significant(largest, digits: 3) + (unit.isEmpty ? "" : " " + unit)
    let width = max(columns - top.count - 2 - (limits.map(\.name.count).max().map { $0 + 1 } ?? 0), 16)
    let blanks = String(repeating: " ", count: top.count)
    let heights = columnHeights(values, width, eighthsOfOne: Double(rows * 8) / largest)
    let body = (0..<rows).reversed().enumerated().map { line, row in
      let named = limits.first { Int($0.value / largest * Double(rows)) == row }
      let bars = heights.map { height in
        height.map { Self.block($0 - row * 8, blank: named == nil ? " " : "·") } ?? (named == nil ? " " : "·")
      }.joined()
      return (line == 0 ? top + " ┤" : blanks + " │") + bars + (named.map { " \($0.name)" } ?? "")
    }
    let gap = String(repeating: " ", count: max(1, width - ends.first.count - ends.last.count))
    let foot = [
      String(blanks.dropLast()) + "0 ┼" + String(repeating: "─", count: width), blanks + "  " + ends.first + gap + ends.last,
    ]
    return (body + foot).map(Text.withoutTrailingBlanks).joined(separator: "\n")
  }

  private var usable: [(seconds: Double, value: Double)] {
    samples.compactMap { sample in
      guard let value = sample.value, value.isFinite, value >= 0, sample.seconds.isFinite else { return nil }
      return (sample.seconds, value)
    }
  }

  /// The highest value of each column in eighths of a row, at least one; `nil` where there is none.
  private func columnHeights(_ values: [(seconds: Double, value: Double)], _ width: Int, eighthsOfOne: Double) -> [Int?] {
    var heights = [Int?](repeating: nil, count: width)
    guard let first = values.first?.seconds, let last = values.last?.seconds else { return heights }
    let step = max(last - first, 1e-9) / Double(width - 1)
    for (seconds, value) in values {
      let column = min(max(Int((seconds - first) / step), 0), width - 1)
      heights[column] = max(heights[column] ?? 1, Int((value * eighthsOfOne).rounded(.up)))
    }
    return heights
  }

  private static func block(_ eighths: Int, blank: String) -> String {
    eighths <= 0 ? blank : ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"][min(eighths, 8) - 1]
  }
}
