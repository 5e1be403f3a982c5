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
}
