import Testing

@testable import Plots

@Suite struct TrendPlotTests {
  private func plot(_ values: [Double?], columns: Int = 24, rows: Int = 2) -> [String] {
    let samples = values.enumerated().map { TrendPlot.Sample(seconds: Double($0.offset), value: $0.element) }
    return TrendPlot(samples: samples, unit: "g", ends: ("first", "last")).rendered(columns: columns, rows: rows)
      .split(separator: "\n").map(String.init)
  }

  @Test("a rise is drawn as one, with the largest value on the axis and words at both ends")
  func rise() {
    let lines = plot((0..<19).map { Double($0) })
    #expect(lines[0].hasPrefix("18 g ┤") && lines[0].hasSuffix("█"))
    #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 24 })
    #expect(lines[1].dropFirst(6).first == "▁", "the lowest value is there and is no blank")
    #expect(lines[3].contains("first") && lines[3].hasSuffix("last"))
  }

  @Test("where nothing was measured nothing is drawn; what is no number is not either")
  func gaps() {
    let lines = plot([1, nil, nil, .nan, -.infinity, -1, 1], columns: 40)
    #expect(lines[0].filter { $0 == "█" }.count == 2)
    #expect(plot([nil, .nan]).count == 4)
    #expect(plot([]).count == 4)
  }

  @Test("many values in few columns keep their highest")
  func crowded() {
    var values = [Double](repeating: 1, count: 10_000)
    values[5000] = 100
    #expect(plot(values)[0].contains("█"))
  }

  @Test("a limit within the drawing is a dotted line with its name, one above it is not shown")
  func limits() {
    let samples = [0.0, 10].map { TrendPlot.Sample(seconds: $0, value: $0 + 0.1) }
    let lines = TrendPlot(samples: samples, limits: [("B/C", 2.8), ("C/D", 28)]).rendered(columns: 40, rows: 5)
      .split(separator: "\n")
    #expect(lines.filter { $0.contains("B/C") }.count == 1)
    #expect(lines[3].contains("··") && lines[3].hasSuffix(" B/C"), "2.8 of 10.1 lies in the second of five rows")
    #expect(!lines.contains { $0.contains("C/D") })
    #expect(lines.allSatisfy { $0.count <= 40 })
  }
}
