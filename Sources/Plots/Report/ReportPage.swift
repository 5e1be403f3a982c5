/// A report as one page for a browser, complete in itself and without scripts: nothing is loaded, so it also works from a disk, in
/// an e-mail, and on paper. Charts are drawings within the page; dark or light as the reader's system is.
package struct ReportPage {
  package var title: String
  /// What has to be said before all else.
  package var facts: [SpectrumPage.Fact]
  package var sections: [Section]

  package struct Section {
    package var title: String
    package var blocks: [ReportBlock]

    package init(_ title: String, _ blocks: [ReportBlock]) { (self.title, self.blocks) = (title, blocks) }
  }

  package init(title: String, facts: [SpectrumPage.Fact], sections: [Section]) {
    (self.title, self.facts, self.sections) = (title, facts, sections)
  }

  /// Whatever the texts hold, they are shown as texts; the page may not load anything.
  package func html() -> String {
    let parts = sections.enumerated().map { index, section in
      "<section id=\"s\(index)\"><h2>\(SpectrumPage.escaped(section.title))</h2>\(section.blocks.map(\.html).joined(separator: "\n"))</section>"
    }
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(SpectrumPage.escaped(title))</title>
      <style>\(Self.style)</style></head><body>
      <h1>\(SpectrumPage.escaped(title))</h1>
      \(ReportBlock.facts(facts).html)
      <nav>\(contents)</nav>
      \(parts.joined(separator: "\n"))
      </body></html>

      """
  }

  private var contents: String {
    sections.enumerated().map { "<a href=\"#s\($0)\">\(SpectrumPage.escaped($1.title))</a>" }.joined(separator: " ")
  }
}

/// One piece of a section.
package enum ReportBlock {
  case text(String)
  case facts([SpectrumPage.Fact])
  case table(ReportTable)
  /// Side by side where there is room.
  case charts([UnitChart])
  case timeline(Timeline)

  var html: String {
    switch self {
    case .text(let text): "<p>\(SpectrumPage.escaped(text))</p>"
    case .facts(let facts):
      "<dl>\(facts.map { "<div><dt>\(SpectrumPage.escaped($0.name))</dt><dd>\(SpectrumPage.escaped($0.value))</dd></div>" }.joined())</dl>"
    case .table(let table): table.html
    case .charts(let charts): "<div class=\"charts\">\(charts.map(\.html).joined())</div>"
    case .timeline(let timeline): timeline.html
    }
  }
}

/// Rows under headings.
package struct ReportTable {
  package var headings: [String]
  package var rows: [[Cell]]

  package struct Cell: ExpressibleByStringLiteral {
    package var text: String
    package var tone: Tone
    package enum Tone: String { case plain, good, bad, faint }

    package init(_ text: String, _ tone: Tone = .plain) { (self.text, self.tone) = (text, tone) }
    package init(stringLiteral text: String) { self.init(text) }
  }

  package init(_ headings: [String], _ rows: [[Cell]]) { (self.headings, self.rows) = (headings, rows) }

  /// Numbers are aligned to the right.
  var html: String {
    let head = headings.map { "<th scope=\"col\">\(SpectrumPage.escaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr>"
        + row.map { "<td class=\"\($0.tone.rawValue)\($0.isNumber ? " n" : "")\">\(SpectrumPage.escaped($0.text))</td>" }.joined()
        + "</tr>"
    }
    return "<div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>\(body.joined())</tbody></table></div>"
  }
}

extension ReportTable.Cell {
  fileprivate var isNumber: Bool { text.first.map { $0.isNumber || "-−–".contains($0) } ?? false }
}
