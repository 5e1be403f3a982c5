/// Columns aligned for a terminal: a heading, rows, two spaces between columns.
package struct Table {
  package struct Cell {
    let text: String
    let style: Style?
    /// In columns of the screen; counted once, for characters are costly to count.
    let width: Int
    package init(_ text: String, _ style: Style? = nil) {
      self.text = text.printable
      self.style = style
      width = self.text.utf8.allSatisfy { $0 < 0x80 } ? self.text.utf8.count : self.text.count
    }
  }

  private let headings: [String]
  private let alignRight: Set<Int>
  private var rows: [[Cell]] = []

  /// - Parameter numbers: columns that are aligned to the right.
  package init(_ headings: [String], numbers: Set<Int> = []) {
    self.headings = headings
    alignRight = numbers
  }

  package mutating func add(_ cells: [Cell]) { rows.append(cells) }
  package mutating func add(_ texts: String...) { rows.append(texts.map { Cell($0) }) }

  package func rendered(colour: Bool = Style.isOn) -> String {
    let widths = widths
    let heading = line(headings.map { Cell($0.uppercased(), .faint) }, widths, colour)
    return ([heading] + rows.map { line($0, widths, colour) }).joined(separator: "\n")
  }

  /// As wide as the screen at most, where that can be: columns are left out in the order of `expendable`, and then what is too long in
  /// the first column stands on a line of its own. No column is left out for a name that is longer than most.
  package func rendered(within columns: Int, expendable: [Int] = [], colour: Bool = Style.isOn) -> String {
    let widths = widths
    var shown = Array(headings.indices)
    let usual = rows.map { $0[0].width }.filter { $0 <= Self.usualName }.max() ?? Self.usualName
    func width(atMost name: Int = .max) -> Int { shown.reduce(-2) { $0 + min(widths[$1], $1 == 0 ? name : .max) + 2 } }
    for column in expendable where width(atMost: max(usual, headings[0].count)) > columns { shown.removeAll { $0 == column } }
    var narrowed = Table(shown.map { headings[$0] }, numbers: Set(shown.indices.filter { alignRight.contains(shown[$0]) }))
    let most = max(headings[0].count, widths[0] - max(0, width() - columns))
    var parts: [String] = []
    narrowed.rows = rows.map { row in shown.map { row[$0] } }
    for row in narrowed.rows.indices where narrowed.rows[row][0].width > most { narrowed.rows[row][0] = Cell("") }
    for (row, line) in narrowed.rendered(colour: colour).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if row > 0, rows[row - 1][0].width > most { parts.append(rows[row - 1][0].text) }
      parts.append(String(line))
    }
    return parts.joined(separator: "\n")
  }

  private static let usualName = 24

  private var widths: [Int] {
    headings.indices.map { column in max(headings[column].count, rows.map { $0[column].width }.max() ?? 0) }
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ colour: Bool) -> String {
    var text = ""
    for (column, cell) in cells.enumerated() {
      let isLast = column == cells.count - 1
      let padding = String(repeating: " ", count: widths[column] - cell.width)
      let shown = cell.style?(cell.text, on: colour) ?? cell.text
      text += alignRight.contains(column) ? padding + shown : isLast ? shown : shown + padding
      if !isLast { text += "  " }
    }
    return text
  }
}
