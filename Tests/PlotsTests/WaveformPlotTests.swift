import Testing

@testable import Plots

@Suite("Samples over time as text")
struct WaveformPlotTests {
  private func lines(_ samples: [Float], rateHz: Double = 10, unit: String = "g", columns: Int = 40, rows: Int = 4) -> [Substring]
  {
    WaveformPlot(samples: samples, sampleRateHz: rateHz, unit: unit).rendered(columns: columns, rows: rows).split(separator: "\n")
  }

  @Test("a spike fills its column from the bottom to the top, and nothing else")
  func spike() {
    var samples = [Float](repeating: 0, count: 100)
    (samples[50], samples[51]) = (2, -2)
    let lines = lines(samples)
    #expect(lines[0].hasPrefix("2 g ┤") && lines[3].hasPrefix(" -2 ┤"))
    #expect(lines.prefix(4).allSatisfy { $0.contains("█") }, "\(lines)")
    #expect((1...2).contains(lines[0].count { "█▀▄".contains($0) }), "a column, or two that share it")
  }

  @Test("samples on one side of zero are drawn between their own limits")
  func oneSided() {
    let lines = lines([1, 1.5, 2, 1.5], unit: "mm")
    #expect(lines[0].hasPrefix("2 mm ┤") && lines[3].hasPrefix("   1 ┤"))
  }

  @Test("the axis counts seconds, and milliseconds where it is short")
  func axis() {
    #expect(lines([Float](repeating: 1, count: 30)).last?.hasSuffix(" s") == true)
    #expect(lines([Float](repeating: 1, count: 30), rateHz: 100).last?.hasSuffix(" ms") == true)
  }

  @Test(
    "nothing breaks it, and it keeps to its columns",
    arguments: [[], [0], [.nan, .infinity], [3, 3, 3], [-1, .nan, 1]] as [[Float]])
  func hostile(samples: [Float]) {
    let lines = lines(samples, columns: 50, rows: 0)
    #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 50 }, "\(lines)")
  }
}
