/// One column of a table of numbers; a first line that is no number is a heading. Cells are separated by tabs, else by
/// semicolons, else by commas, whichever a line holds; decimals need a point. Lines end as `LineScanner` says.
enum CSVColumn {
  /// Of UTF-8, which some spreadsheets write.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  /// A cell that is longer is no number.
  private static let longestCell = 256

  /// - Parameter column: from 1 on.
  static func read(_ bytes: [UInt8], _ scale: Double, column: Int) throws(RecordingError) -> [Float] {
    try read(bytes, column: column) { Float($0 * scale) }
  }

  static func read<Value>(
    _ bytes: [UInt8], column: Int, _ convert: (Double) -> Value
  ) throws(RecordingError) -> [Value] {
    var values: [Value] = []
    var lines = LineScanner(bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes)
    while let line = lines.next() {
      if line.allSatisfy({ $0 == UInt8(ascii: " ") }) { continue }
      let cell = try cell(column, of: line, number: lines.count)
      let value = number(cell)
      if let value, value.isFinite {
        values.append(convert(value))
      } else if lines.count > 1 || value != nil {
        let got = String(decoding: cell.prefix(40), as: UTF8.self)
        throw RecordingError(
          reason:
            "line \(lines.count): expected a number, got \"\(got)\"; choose a column of numbers by --channel, decimals with a point"
        )
      }
    }
    return values
  }

  private static func cell(_ column: Int, of line: ArraySlice<UInt8>, number: Int) throws(RecordingError) -> ArraySlice<UInt8> {
    let separator = "\t;".utf8.first { line.contains($0) } ?? UInt8(ascii: ",")
    var rest = line
    for before in 1..<max(column, 1) {
      guard let end = rest.firstIndex(of: separator) else {
        throw RecordingError(
          reason: "line \(number): expected \(column) columns or more, got \(before); choose one of them by --channel")
      }
      rest = rest[(end + 1)...]
    }
    return rest.prefix { $0 != separator }
  }

  private static func number(_ cell: ArraySlice<UInt8>) -> Double? {
    guard cell.count <= longestCell else { return nil }
    let blank = UInt8(ascii: " ")
    let trimmed = cell.drop { $0 == blank }.reversed().drop { $0 == blank }.reversed()
    return Double(String(decoding: trimmed, as: UTF8.self))
  }
}
