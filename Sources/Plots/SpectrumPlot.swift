/// An amplitude spectrum as text: blocks over a frequency axis, marked lines named below it. Needs no colour.
///
///     0.8 g ┤                     █
///           │                     █
///           │                     █                    █
///           │▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁
///         0 ┼───┬─────────────────┬────────────────────┬──────────
///            0            50           100          150     200 Hz
///               FTF               BPFO                 2xBPFO
package struct SpectrumPlot {
  /// Linear; what is not finite or negative is drawn as 0.
  package var amplitudes: [Float]
  /// Of the first amplitude.
  package var firstHz: Double
  /// From one amplitude to the next, above 0.
  package var resolutionHz: Double
  /// Follows the largest amplitude on the axis.
  package var unit: String
  package var marks: [Mark]
  /// Follows the last number on the frequency axis: `Hz`, or `x` for multiples of a shaft speed, all numbers being such.
  package var axisUnit = "Hz"

  /// A line worth a name, as BPFO.
  package struct Mark: Sendable {
    package var name: String
    package var frequencyHz: Double

    package init(name: String, frequencyHz: Double) {
      self.name = name
      self.frequencyHz = frequencyHz
    }
  }

  package init(amplitudes: [Float], firstHz: Double, resolutionHz: Double, unit: String = "", marks: [Mark] = []) {
    self.amplitudes = amplitudes
    self.firstHz = firstHz
    self.resolutionHz = resolutionHz
    self.unit = unit
    self.marks = marks
  }

  /// - Parameters:
  ///   - columns: of the whole drawing; at least 24 are taken.
  ///   - rows: of the blocks alone, at least 2; axis, ticks and names come below.
  package func rendered(columns: Int, rows: Int) -> String {
    let top = Text.significant(largest, digits: 3) + (unit.isEmpty ? "" : " " + unit)
    let axis = FrequencyAxis(firstHz: firstHz, lastHz: lastHz, columns: max(columns - top.count - 2, 16))
    let blanks = String(repeating: " ", count: top.count)
    let zero = String(blanks.dropLast()) + "0"
    let heights = columnHeights(on: axis, eighths: max(rows, 2) * 8)
    let body = (0..<max(rows, 2)).reversed().enumerated().map { line, row in
      (line == 0 ? top + " ┤" : blanks + " │") + heights.map { Self.block($0 - row * 8) }.joined()
    }
    let foot =
      [zero + " ┼" + axis.line(marks), blanks + "  " + axis.ticks(unit: axisUnit)] + axis.names(marks).map { blanks + "  " + $0 }
    return (body + foot).map(Text.withoutTrailingBlanks).joined(separator: "\n")
  }

  /// Four digits, without needless zeros.
  package static func figure(_ value: Double) -> String { Text.significant(value, digits: 4) }

  private var lastHz: Double { firstHz + Double(max(amplitudes.count - 1, 1)) * resolutionHz }

  private var largest: Double { amplitudes.reduce(0.0) { max($0, Self.drawn($1)) } }

  private static func drawn(_ amplitude: Float) -> Double { amplitude.isFinite ? max(0, Double(amplitude)) : 0 }

  /// The highest amplitude of each column, so that no line is lost, in eighths of a row.
  private func columnHeights(on axis: FrequencyAxis, eighths: Int) -> [Int] {
    var highest = [Double](repeating: 0, count: axis.columns)
    for (index, amplitude) in amplitudes.enumerated() {
      guard let column = axis.column(of: firstHz + Double(index) * resolutionHz) else { continue }
      highest[column] = max(highest[column], Self.drawn(amplitude))
    }
    let scale = largest > 0 ? Double(eighths) / largest : 0
    return highest.map { Int(($0 * scale).rounded(.up)) }
  }

  /// `eighths` from 0 (blank) to 8 (full); more and less are cut.
  private static func block(_ eighths: Int) -> String { [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"][min(max(eighths, 0), 8)] }
}
