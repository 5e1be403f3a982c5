import Testing

@testable import Plots

@Suite("Report as a page")
struct ReportPageTests {
  private func page(_ text: String) -> String {
    let chart = UnitChart(text, x: text, y: text, [.init(x: 0, y: 0), .init(x: 0.5, y: 1)], hasDiagonal: true)
    let life = Timeline(
      text, duration: 7200, curve: [.init(x: 0, y: 0.1), .init(x: 7200, y: 0.9)], alarms: [[600, 1200], [6000, nil]],
      labelled: [[500, 1300]])
    let table = ReportTable([text], [[.init(text, .bad)], ["12"]])
    let blocks: [ReportBlock] = [.text(text), .facts([.init(text, text)]), .charts([chart]), .timeline(life), .table(table)]
    return ReportPage(title: text, facts: [.init(text, text)], sections: [.init(text, blocks), .init("other", [])]).html()
  }

  @Test("nothing is loaded from anywhere, and nothing runs")
  func selfContained() {
    let html = page("CWRU")
    for word in ["http:", "https:", "src=", "@import", "url(", "<script", "<link", "<img"] {
      #expect(!html.contains(word), "\(word)")
    }
    #expect(html.contains("default-src 'none'"))
  }

  @Test("no text becomes markup", arguments: ["</style><script>alert(1)</script>", "\"><img onerror=x>", "a & b's"])
  func escaped(text: String) {
    let html = page(text)
    #expect(!html.contains("<script") && !html.contains("<img") && !html.contains(text))
    #expect(html.ranges(of: "</style>").count == 1)
  }

  @Test("every section is linked to, and numbers stand to the right")
  func structure() {
    let html = page("CWRU")
    for part in [
      "<a href=\"#s1\">other</a>", "<section id=\"s1\">", "<td class=\"plain n\">12</td>", "<td class=\"bad\">CWRU</td>",
    ] {
      #expect(html.contains(part), "\(part)")
    }
  }

  @Test("dark readers get their own colours")
  func dark() { #expect(page("x").contains("@media(prefers-color-scheme:dark)")) }
}

@Suite("Charts of a report")
struct ReportChartTests {
  @Test("a curve runs from corner to corner of its axes; what lies outside is left out")
  func curve() {
    let points: [UnitChart.Point] = [.init(x: 0, y: 0), .init(x: 2, y: 0.5), .init(x: .nan, y: 0), .init(x: 1, y: 1)]
    #expect(UnitChart("t", x: "x", y: "y", points).html.contains("<path class=\"curve\" d=\"M50.0 230.0L270.0 10.0\"/>"))
    #expect(!UnitChart("t", x: "x", y: "y", []).html.contains("class=\"curve\""))
  }

  @Test("an alarm that is on at the end is filled to the end")
  func standing() {
    let life = Timeline("life", duration: 100, curve: [], alarms: [[10, 20], [50, nil]])
    let spans = life.html.ranges(of: "class=\"band\"")
    #expect(spans.count == 2)
    #expect(life.html.contains("<rect class=\"band\" x=\"530.0\" y=\"0.0\" width=\"500.0\" height=\"90.0\"/>"))
  }

  @Test("ticks are round and few", arguments: [(7, 8), (1147, 10), (28_010, 8), (1e7, 11)] as [(Double, Int)])
  func ticks(duration: Double, most: Int) {
    let ticks = Timeline.ticks(duration)
    #expect((2...most).contains(ticks.count) && ticks.first?.seconds == 0)
    #expect(ticks.allSatisfy { $0.seconds <= duration })
    #expect(Timeline.ticks(0).isEmpty && Timeline.ticks(.nan).isEmpty && Timeline.ticks(.infinity).isEmpty)
  }

  @Test("of many points the highest of each stretch is kept")
  func thinned() {
    var curve = (0..<10_000).map { UnitChart.Point(x: Double($0), y: 0) }
    curve[5003].y = 1
    let thinned = Timeline.thinned(curve)
    #expect(thinned.count == 500 && thinned.contains { $0.y == 1 })
    #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
  }
}
