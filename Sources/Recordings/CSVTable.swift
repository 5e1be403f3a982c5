/// Values separated by commas, or another sign, with a heading and quoted cells (RFC 4180).
struct CSVTable {
  /// Name to index.
  let columns: [String: Int]
  /// Each as long as the heading.
  let rows: [[String]]

  init(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")) throws(RecordingError) {
    var lines = try Self.records(bytes, separator)
    guard !lines.isEmpty else { throw RecordingError(reason: "has no heading") }
    let heading = lines.removeFirst()
    columns = Dictionary(heading.enumerated().map { ($1, $0) }) { first, _ in first }
    for (index, line) in lines.enumerated() where line.count != heading.count {
      throw RecordingError(reason: "row \(index + 1): expected \(heading.count) cells, got \(line.count)")
    }
    rows = lines
  }

  private static func records(_ bytes: [UInt8], _ separator: UInt8) throws(RecordingError) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    func endCell() {
      record.append(String(decoding: cell, as: UTF8.self))
      cell.removeAll()
    }
    func endRecord() {
      if record.isEmpty, cell.isEmpty { return }
      endCell()
      records.append(record)
      record.removeAll()
    }
    let ending = LineScanner.ending(of: bytes)
    for (index, byte) in bytes.enumerated() {
      switch byte {
      // A doubled quote inside quotes is one quote: the second of the pair puts it back.
      case UInt8(ascii: "\""):
        if !isQuoted, index > 0, bytes[index - 1] == byte { cell.append(byte) }
        isQuoted.toggle()
      case separator where !isQuoted: endCell()
      case ending where !isQuoted: endRecord()
      case UInt8(ascii: "\r") where !isQuoted: break
      default: cell.append(byte)
      }
    }
    endRecord()
    if isQuoted { throw RecordingError(reason: "has a quote without end") }
    return records
  }
}
