/// The numbers of a dataset 58.
enum UFF58Data {
  /// Six numbers of 13 characters a line, or four of 20 in double precision, until the header's count is reached.
  static func text(_ lines: inout LineScanner, _ header: UFF58Header, _ scale: Double) throws(RecordingError) -> [Float] {
    var samples: [Float] = []
    while samples.count < header.valueCount {
      guard let line = lines.next() else {
        throw RecordingError(reason: "dataset 58 holds \(samples.count) numbers of \(header.valueCount); copy it again")
      }
      guard let values = UFF58Fields.readAll(line, width: header.isDouble ? 20 : 13), !isMark(line) else {
        let got = String(decoding: line.prefix(40), as: UTF8.self)
        throw RecordingError(reason: "line \(lines.count): expected numbers, got \"\(got)\"; export it anew")
      }
      samples += values.prefix(header.valueCount - samples.count).map { Float($0 * scale) }
    }
    return samples
  }

  private static func isMark(_ line: ArraySlice<UInt8>) -> Bool { UFF58Fields.text(line) == "-1" }

  /// - Parameter data: whole numbers.
  static func binary(_ data: ArraySlice<UInt8>, isDouble: Bool, isBigEndian: Bool, _ scale: Double) -> [Float] {
    let size = isDouble ? 8 : 4
    return stride(from: data.startIndex, to: data.endIndex, by: size).map { start in
      let bits = (0..<size).reduce(UInt64(0)) { bits, place in
        bits << 8 | UInt64(data[start + (isBigEndian ? place : size - 1 - place)])
      }
      let value = isDouble ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      return Float(value * scale)
    }
  }
}
