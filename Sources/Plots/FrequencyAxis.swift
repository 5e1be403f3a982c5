import Glibc

/// Frequencies over the columns of a drawing: where a frequency lies, ticks at round numbers, names below.
struct FrequencyAxis {
  let firstHz: Double
  let lastHz: Double
  let columns: Int

  /// `nil` outside of the axis.
  func column(of frequencyHz: Double) -> Int? {
    let part = (frequencyHz - firstHz) / (lastHz - firstHz)
    guard part.isFinite, (0...1).contains(part) else { return nil }
    return Int((part * Double(columns - 1)).rounded())
  }

  /// The line itself, with a notch above each name.
  func line(_ marks: [SpectrumPlot.Mark]) -> String {
    var line = [Character](repeating: "─", count: columns)
    for mark in marks { if let column = column(of: mark.frequencyHz) { line[column] = "┬" } }
    return String(line)
  }

  /// Round frequencies, at least twelve columns apart, the unit behind the last.
  func ticks(unit: String) -> String {
    let step = Self.roundStep(atLeast: (lastHz - firstHz) * 12 / Double(columns))
    var texts = Labels(columns: columns)
    for count in 0...columns {
      let frequency = (firstHz / step).rounded(.up) * step + Double(count) * step
      guard let column = column(of: frequency) else { break }
      let isLast = self.column(of: frequency + step) == nil
      _ = texts.put(Text.significant(frequency, digits: 6) + (isLast ? " " + unit : ""), at: column)
    }
    return texts.line
  }

  /// Names at their frequencies, in as many lines as keep them apart, at most four.
  func names(_ marks: [SpectrumPlot.Mark]) -> [String] {
    var lines: [Labels] = []
    for mark in marks.sorted(by: { $0.frequencyHz < $1.frequencyHz }) {
      guard let column = column(of: mark.frequencyHz) else { continue }
      if lines.indices.contains(where: { lines[$0].put(mark.name, at: column) }) { continue }
      guard lines.count < 4 else { continue }
      var line = Labels(columns: columns)
      _ = line.put(mark.name, at: column)
      lines.append(line)
    }
    return lines.map(\.line)
  }

  /// 1, 2 or 5 times a power of ten.
  private static func roundStep(atLeast width: Double) -> Double {
    let power = pow(10, floor(log10(max(width, 1e-9))))
    return ([1, 2, 5, 10].first { $0 * power >= width } ?? 10) * power
  }
}

/// Texts on one line that keep a blank between them.
private struct Labels {
  private(set) var line = ""
  let columns: Int

  init(columns: Int) { self.columns = columns }

  /// `false` when there is no room: a text begins at its column, or earlier at the right end.
  mutating func put(_ text: String, at column: Int) -> Bool {
    let start = max(0, min(column, columns - text.count))
    guard start > line.count || line.isEmpty, text.count <= columns else { return false }
    line += String(repeating: " ", count: start - line.count) + text
    return true
  }
}
