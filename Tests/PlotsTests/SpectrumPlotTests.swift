import Testing

@testable import Plots

@Suite("Spectrum as text")
struct SpectrumPlotTests {
  /// 0 to 200 Hz by 1 Hz: a floor, a line at 80 Hz, half as high at 160 Hz.
  private func plot(marks: [SpectrumPlot.Mark] = []) -> SpectrumPlot {
    var amplitudes = [Float](repeating: 0.01, count: 201)
    (amplitudes[80], amplitudes[160]) = (0.8, 0.4)
    return SpectrumPlot(amplitudes: amplitudes, firstHz: 0, resolutionHz: 1, unit: "g", marks: marks)
  }

  private func lines(_ plot: SpectrumPlot, columns: Int = 80, rows: Int = 10) -> [[Character]] {
    plot.rendered(columns: columns, rows: rows).split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
  }

  @Test("it looks like this")
  func picture() {
    let marks = [
      SpectrumPlot.Mark(name: "FTF", frequencyHz: 10), .init(name: "BPFO", frequencyHz: 80),
      .init(name: "2xBPFO", frequencyHz: 160),
    ]
    #expect(
      plot(marks: marks).rendered(columns: 60, rows: 4) == """
        0.8 g ┤                     █
              │                     █
              │                     █                    █
              │▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁
            0 ┼───┬─────────────────┬────────────────────┬──────────
               0            50           100          150     200 Hz
                  FTF               BPFO                 2xBPFO
        """)
  }

  @Test("it keeps within the columns and rows it is given", arguments: [24, 40, 80, 200], [2, 5, 20])
  func size(columns: Int, rows: Int) {
    let marks = (1...20).map { SpectrumPlot.Mark(name: "line-\($0)", frequencyHz: Double($0) * 10) }
    let lines = lines(plot(marks: marks), columns: columns, rows: rows)
    #expect(lines.allSatisfy { $0.count <= columns })
    #expect(lines.count >= rows + 3 && lines.count <= rows + 6)
  }

  @Test("a single bin is never lost between columns, however many there are", arguments: [500, 5000, 50_000])
  func peaks(count: Int) {
    var amplitudes = [Float](repeating: 0, count: count)
    amplitudes[count / 3] = 1
    let plot = SpectrumPlot(amplitudes: amplitudes, firstHz: 0, resolutionHz: 0.5)
    for row in lines(plot).prefix(10) { #expect(row.filter { $0 == "█" }.count == 1) }
  }

  @Test("a line's height is its share of the largest")
  func heights() {
    let column80 = lines(plot()).prefix(10).map { $0.filter { $0 == "█" }.count }
    #expect(column80 == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
  }

  @Test("a name stands under the notch of its frequency, and names never run into each other")
  func names() throws {
    let marks = [
      SpectrumPlot.Mark(name: "BPFO", frequencyHz: 80), .init(name: "BPFI", frequencyHz: 82), .init(name: "x", frequencyHz: 999),
    ]
    let lines = lines(plot(marks: marks))
    let notches = try #require(lines.first { $0.contains("┼") })
    let below = lines.suffix(2).map { String($0) }
    #expect(notches.filter { $0 == "┬" }.count == 2)
    #expect(below[0].hasSuffix("BPFO") && below[1].hasSuffix("BPFI"))
    #expect(below[0].count - 4 == notches.firstIndex(of: "┬"))
    #expect(below[1].count - 4 == notches.lastIndex(of: "┬"))
  }

  @Test("the axis may count something else than Hz")
  func axisUnit() {
    var plot = plot()
    plot.axisUnit = "x"
    #expect(plot.rendered(columns: 60, rows: 4).contains("200 x"))
  }

  @Test("nothing to show is shown as nothing", arguments: [[], [0, 0, 0], [.nan, .infinity, -1]] as [[Float]])
  func empty(amplitudes: [Float]) {
    let text = SpectrumPlot(amplitudes: amplitudes, firstHz: 0, resolutionHz: 1).rendered(columns: 40, rows: 3)
    #expect(text.contains("0 ┼") && !text.contains("█"))
  }
}
