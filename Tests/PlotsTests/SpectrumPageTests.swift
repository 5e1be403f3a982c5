import Testing

@testable import Plots

@Suite("Spectrum as a page")
struct SpectrumPageTests {
  private func page(title: String = "Spectrum", unit: String = "g", marks: [SpectrumPlot.Mark] = []) -> SpectrumPage {
    SpectrumPage(
      title: title, facts: [.init("window", "hann")], amplitudes: [0, 0.5, .nan, -1, 2], resolution: 0.5, unit: unit, marks: marks
    )
  }

  @Test("it holds the title, all that has to be said, the numbers and the marks")
  func contents() {
    let html = page(marks: [.init(name: "BPFO", frequencyHz: 1.5)]).html()
    for part in [
      "<title>Spectrum</title>", "<dt>window</dt><dd>hann</dd>", #""amplitude":[0,0.5,0,0,2.0]"#, #""marks":[["BPFO",1.5]]"#,
      #""resolution":0.5"#, #""axis":"Hz""#,
    ] { #expect(html.contains(part), "\(part)") }
  }

  @Test("nothing is loaded from anywhere")
  func selfContained() {
    let html = page().html()
    for word in ["http:", "https:", "src=", "@import", "url(", "fetch(", "<link"] { #expect(!html.contains(word), "\(word)") }
    #expect(html.contains("default-src 'none'"))
  }

  @Test(
    "no text becomes markup or script",
    arguments: ["</script><script>alert(1)</script>", "\"><img onerror=x>", "a\\\"]},'\u{2028}\n"])
  func escaped(text: String) {
    var hostile = page(title: text, unit: text, marks: [.init(name: text, frequencyHz: 1)])
    hostile.facts.append(.init(text, text))
    let html = hostile.html()
    #expect(!html.contains("alert(1)</script>") && !html.contains("<img"))
    #expect(html.components(of: "</script>") == 2 && html.components(of: "<script") == 2)
    #expect(SpectrumPage.quoted(text).utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
  }
}

extension String {
  /// How often `part` stands in it.
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
