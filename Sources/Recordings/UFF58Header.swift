/// The eleven lines in front of a dataset 58's numbers, as far as they are used here.
struct UFF58Header {
  /// 1 is a time response.
  let functionType: Int
  /// 64 bits a number, else 32.
  let isDouble: Bool
  let valueCount: Int
  /// From one sample to the next.
  let incrementSeconds: Double

  /// Records 1 to 5 are free text, 6 names the function, 7 says how many numbers of which type at which spacing, 8 to 11 name
  /// the axes. What is not a time response is not looked at further.
  init(_ lines: inout LineScanner) throws(RecordingError) {
    var records: [ArraySlice<UInt8>] = []
    for record in 1...11 {
      guard let line = lines.next() else {
        throw RecordingError(reason: "dataset 58 ends before record \(record); copy it again")
      }
      records.append(line)
    }
    guard let type = UFF58Fields.read(records[5], widths: [5])?.first, let type = Int(exactly: type) else {
      throw RecordingError(reason: "dataset 58, record 6: expected a function type; export it anew")
    }
    functionType = type
    guard type == 1 else {
      (isDouble, valueCount, incrementSeconds) = (false, 0, 1)
      return
    }
    (isDouble, valueCount, incrementSeconds) = try Self.form(records[6])
  }

  /// 3I10,3E13.5: type of the numbers, their count, 1 for even spacing, the first abscissa, its increment.
  private static func form(_ record: ArraySlice<UInt8>) throws(RecordingError) -> (Bool, Int, Double) {
    guard let fields = UFF58Fields.read(record, widths: [10, 10, 10, 13, 13]) else { throw wrong("five numbers", "others") }
    guard fields[0] == 2 || fields[0] == 4 else { throw wrong("real numbers (type 2 or 4)", "type \(fields[0])") }
    guard fields[2] == 1 else { throw wrong("even spacing (1)", "\(fields[2])") }
    guard let count = Int(exactly: fields[1]), count > 0, count <= FileBytes.limit else {
      throw wrong("1 number or more", "\(fields[1])")
    }
    guard fields[4] > 1e-9, fields[4] < 1e9 else { throw wrong("an increment above 0 s", "\(fields[4])") }
    return (fields[0] == 4, count, fields[4])
  }

  private static func wrong(_ expected: String, _ got: String) -> RecordingError {
    RecordingError(reason: "dataset 58, record 7: expected \(expected), got \(got); export it anew")
  }
}

/// Numbers on a line as Fortran writes them: in columns, sometimes without a space in between, sometimes with D for E.
enum UFF58Fields {
  /// A line that is longer holds no numbers.
  private static let longestLine = 400

  static func text(_ line: ArraySlice<UInt8>) -> String { tokens(line).joined(separator: " ") }

  static func tokens(_ line: ArraySlice<UInt8>) -> [String] {
    line.prefix(longestLine).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// As many numbers as there are widths: separated by spaces or, where that is not so, in columns.
  static func read(_ line: ArraySlice<UInt8>, widths: [Int]) -> [Double]? {
    let apart = tokens(line).prefix(widths.count).compactMap(number)
    if apart.count == widths.count { return apart }
    let columns = columns(line, widths: widths)
    return columns.count == widths.count ? columns : nil
  }

  /// All numbers of a line of data; `nil` when something else stands there.
  static func readAll(_ line: ArraySlice<UInt8>, width: Int) -> [Double]? {
    guard line.count <= longestLine else { return nil }
    let tokens = tokens(line)
    let apart = tokens.compactMap(number)
    if apart.count == tokens.count { return apart }
    let fields = (line.count + width - 1) / width
    let columns = columns(line, widths: Array(repeating: width, count: fields))
    return columns.count == fields ? columns : nil
  }

  private static func columns(_ line: ArraySlice<UInt8>, widths: [Int]) -> [Double] {
    var rest = line
    return widths.compactMap { width in
      defer { rest = rest.dropFirst(width) }
      return number(text(rest.prefix(width)))
    }
  }

  private static func number(_ text: String) -> Double? {
    let text = text.contains("D") || text.contains("d") ? String(text.map { $0 == "D" || $0 == "d" ? "E" : $0 }) : text
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}
