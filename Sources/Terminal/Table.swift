/// Columns aligned for a terminal: a heading, rows, two spaces between columns.
package struct Table {
  package struct Cell {
    let text: String
    let style: Style?
    package init(_ text: String, _ style: Style? = nil) {
      self.text = text.printable
      self.style = style
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
    let widths = headings.indices.map { column in
      max(headings[column].count, rows.map { $0[column].text.count }.max() ?? 0)
    }
    let heading = line(headings.map { Cell($0.uppercased(), .faint) }, widths, colour)
    return ([heading] + rows.map { line($0, widths, colour) }).joined(separator: "\n")
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ colour: Bool) -> String {
    var text = ""
    for (column, cell) in cells.enumerated() {
      let isLast = column == cells.count - 1
      let padding = String(repeating: " ", count: widths[column] - cell.text.count)
      let shown = cell.style?(cell.text, on: colour) ?? cell.text
      text += alignRight.contains(column) ? padding + shown : isLast ? shown : shown + padding
      if !isLast { text += "  " }
    }
    return text
  }
}
