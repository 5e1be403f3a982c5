/// Universal File Format, dataset 58, "function at nodal DOF" (SDRC; as the University of Cincinnati's SDRL publishes it), in
/// ASCII, or in binary as 58b: time responses of real numbers at even spacing. Units are not taken from it.
enum UFF58File {
  private static let timeResponse = 1

  /// - Parameter channel: counts the file's time responses, from 1 on.
  static func read(_ bytes: [UInt8], _ scale: Double, channel: Int) throws(RecordingError) -> Recording {
    var lines = LineScanner(bytes)
    var found = 0
    while skipToMark(&lines), let heading = lines.next() {
      if let encoding = try Encoding(heading) {
        let header = try UFF58Header(&lines)
        found += header.functionType == timeResponse ? 1 : 0
        if header.functionType == timeResponse, found == channel { return try recording(header, encoding, &lines, scale) }
        if case .binary(_, let count) = encoding { try skip(count, &lines) }
      }
      guard skipToMark(&lines) else { break }
    }
    throw RecordingError(
      reason: "has \(found) time responses in datasets 58, wanted number \(channel)" + (found > 0 ? ": give --channel" : ""))
  }

  /// Begin and end of every dataset is a line with -1.
  private static func skipToMark(_ lines: inout LineScanner) -> Bool {
    while let line = lines.next() {
      if line.count <= 80, UFF58Fields.text(line) == "-1" { return true }
    }
    return false
  }

  private static func skip(_ count: Int, _ lines: inout LineScanner) throws(RecordingError) {
    guard lines.take(count) != nil else { throw tooShort(count) }
  }

  private static func recording(
    _ header: UFF58Header, _ encoding: Encoding, _ lines: inout LineScanner, _ scale: Double
  ) throws(RecordingError) -> Recording {
    let samples =
      switch encoding {
      case .text: try UFF58Data.text(&lines, header, scale)
      case .binary(let isBigEndian, let count): try binary(&lines, header, isBigEndian, count, scale)
      }
    return Recording(samples: samples, sampleRateHz: 1 / header.incrementSeconds)
  }

  private static func binary(
    _ lines: inout LineScanner, _ header: UFF58Header, _ isBigEndian: Bool, _ count: Int, _ scale: Double
  ) throws(RecordingError) -> [Float] {
    let wanted = header.valueCount * (header.isDouble ? 8 : 4)
    guard count >= wanted, let data = lines.take(wanted) else { throw tooShort(wanted) }
    return UFF58Data.binary(data, isDouble: header.isDouble, isBigEndian: isBigEndian, scale)
  }

  static func tooShort(_ bytes: Int) -> RecordingError {
    RecordingError(reason: "ends before its \(bytes) bytes of data; copy it again")
  }

  /// What the line after -1 says: the dataset's number and, for 58b, how its bytes are to be read.
  private enum Encoding {
    case text
    case binary(isBigEndian: Bool, bytes: Int)

    /// `nil` for other datasets.
    init?(_ heading: ArraySlice<UInt8>) throws(RecordingError) {
      let fields = UFF58Fields.tokens(heading)
      switch fields.first {
      case "58": self = .text
      case "58b", "58B": self = try Self.binary(fields)
      default: return nil
      }
    }

    /// Byte order (1 little-endian, 2 big-endian), floating-point format (2 is IEEE 754), lines of header, bytes of data.
    private static func binary(_ fields: [String]) throws(RecordingError) -> Self {
      let numbers = fields.dropFirst().prefix(4).map { Int($0) ?? -1 }
      guard numbers.count == 4, (1...2).contains(numbers[0]), numbers[1] == 2, numbers[2] == 11, numbers[3] >= 0 else {
        throw RecordingError(
          reason: "dataset 58b: expected IEEE 754 numbers behind 11 lines, got \"\(fields.joined(separator: " ").prefix(60))\"")
      }
      return .binary(isBigEndian: numbers[0] == 2, bytes: numbers[3])
    }
  }
}
