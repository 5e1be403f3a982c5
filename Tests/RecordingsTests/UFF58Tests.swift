import Testing

@testable import Recordings

@Suite("Universal files")
struct UFF58Tests {
  private let values: [Double] = [0, 0.5, -1, -0.25, 3, 1e-3, -7]

  private func read(_ bytes: [UInt8], channel: Int = 1, scale: Double = 1) throws(RecordingError) -> Recording {
    try Recording.decoded(bytes, as: .uff58, scale, channel)
  }

  private func refusal(_ text: String, channel: Int = 1) -> String? {
    do { _ = try read(Array(text.utf8), channel: channel) } catch { return error.reason }
    return nil
  }

  @Test("a time response gives its samples and its rate, single and double, with D for E, and with numbers that touch")
  func ascii() throws {
    let expected = Recording(samples: values.map { Float($0 * 2) }, sampleRateHz: 1000)
    #expect(try read(UniversalFile.text(values), scale: 2) == expected)
    #expect(try read(UniversalFile.text(values, isDouble: true), scale: 2) == expected)
    let text = String(decoding: UniversalFile.text(values, isDouble: true), as: UTF8.self)
    #expect(try read(Array(text.replacing("E", with: "D").utf8), scale: 2) == expected)
    #expect(try read(Array(text.replacing("\n", with: "\r\n").utf8), scale: 2) == expected)
    let touching = " -1.00000E-01-2.00000E-01 3.00000E+00"
    #expect(UFF58Fields.readAll(ArraySlice(touching.utf8), width: 13) == [-0.1, -0.2, 3])
  }

  @Test("binary, both byte orders, both widths", arguments: [false, true], [false, true])
  func binary(isDouble: Bool, isBigEndian: Bool) throws {
    let file = UniversalFile.binary(values, isDouble: isDouble, isBigEndian: isBigEndian)
    #expect(try read(file) == Recording(samples: values.map { Float($0) }, sampleRateHz: 1000))
  }

  @Test("other datasets and functions are passed over; a channel counts the time responses")
  func several() throws {
    let units = Array("    -1\n   164\n         1  SI\n    -1\n".utf8)
    let spectrum = UniversalFile.text([9, 9], functionType: 2)
    let file = units + spectrum + UniversalFile.binary([1, 2], isDouble: false, isBigEndian: false) + UniversalFile.text([3, 4])
    #expect(try read(file).samples == [1, 2])
    #expect(try read(file, channel: 2).samples == [3, 4])
    #expect(throws: RecordingError(reason: "has 2 time responses in datasets 58, wanted number 3: give --channel")) {
      try read(file, channel: 3)
    }
  }

  @Test("what cannot be used is refused with its reason")
  func refused() {
    let whole = String(decoding: UniversalFile.text(values), as: UTF8.self)
    let form = "dataset 58, record 7: expected"
    #expect(refusal("") == "has 0 time responses in datasets 58, wanted number 1")
    #expect(
      refusal(whole.replacing("         2         7", with: "         5         7"))
        == "\(form) real numbers (type 2 or 4), got type 5.0; export it anew")
    #expect(
      refusal(whole.replacing("         7         1", with: "         7         0"))
        == "\(form) even spacing (1), got 0.0; export it anew")
    #expect(
      refusal(whole.replacing("         2         7", with: "         2        -7"))
        == "\(form) 1 number or more, got -7.0; export it anew")
    #expect(
      refusal(whole.replacing("1.00000E-03  0.0", with: "0.00000E+00  0.0"))
        == "\(form) an increment above 0 s, got 0.0; export it anew")
    #expect(
      refusal(whole.replacing("         2         7", with: "         2 999999999"))?.hasPrefix("line 16: expected numbers")
        == true)
    #expect(refusal(String(whole.prefix(300)))?.contains("ends before record") == true)
  }

  @Test("cut anywhere, it is refused or whole", arguments: [true, false])
  func truncated(isBinary: Bool) {
    let whole = isBinary ? UniversalFile.binary(values, isDouble: true, isBigEndian: false) : UniversalFile.text(values)
    for count in 0..<whole.count {
      if let recording = try? read(Array(whole.prefix(count))) { #expect(recording.samples.count == values.count) }
    }
  }
}

/// Datasets 58 at 1000 Hz as measuring programs write them.
enum UniversalFile {
  static func text(_ values: [Double], isDouble: Bool = false, functionType: Int = 1) -> [UInt8] {
    let perLine = isDouble ? 4 : 6
    let rows = stride(from: 0, to: values.count, by: perLine).map { start in
      values[start..<min(start + perLine, values.count)].map { pad(scientific($0, isDouble ? 11 : 5), isDouble ? 20 : 13) }
        .joined()
    }
    let lines = ["    -1", "    58"] + header(values.count, isDouble, functionType) + rows + ["    -1"]
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  static func binary(_ values: [Double], isDouble: Bool, isBigEndian: Bool) -> [UInt8] {
    let data = values.flatMap { value -> [UInt8] in
      let little = isDouble ? bytes([value.bitPattern]) : bytes([Float(value).bitPattern])
      return isBigEndian ? little.reversed() : little
    }
    let heading =
      "    58b     \(isBigEndian ? 2 : 1)     2          11\(pad("\(data.count)", 12))     0     0           0           0"
    let lines = ["    -1", heading] + header(values.count, isDouble, 1)
    return Array((lines.joined(separator: "\n") + "\n").utf8) + data + Array("\n    -1\n".utf8)
  }

  private static func header(_ count: Int, _ isDouble: Bool, _ functionType: Int) -> [String] {
    let names = ["Drive end", "NONE", "01-JAN-26 00:00:00", "NONE", "NONE"]
    let function = "\(pad("\(functionType)", 5))         0    0         0       NONE         1   3       NONE         0   0"
    let form = pad(isDouble ? "4" : "2", 10) + pad("\(count)", 10) + "         1  0.00000E+00  1.00000E-03  0.00000E+00"
    let axis = "        17    0    0    0                 Time                    s"
    return names + [function, form, axis, axis, axis, axis]
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// As C's %.*E.
  private static func scientific(_ value: Double, _ digits: Int) -> String {
    var (mantissa, exponent) = (value, 0)
    while abs(mantissa) >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa != 0, abs(mantissa) < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let scale = (0..<digits).reduce(1) { power, _ in power * 10 }
    let whole = Int((abs(mantissa) * Double(scale)).rounded())
    let fraction = String(whole % scale)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(value < 0 ? "-" : "")\(whole / scale).\(zeros)\(fraction)E\(exponent < 0 ? "-" : "+")0\(abs(exponent))"
  }
}
