import Glibc

extension UFF58File {
  /// One dataset 58 in ASCII: a time response in double precision, so that no bit of a sample is lost.
  static func bytes(_ samples: [Float], _ facts: RecordingFacts) -> [UInt8] {
    var text = ["    -1", "    58"] + records(samples.count, facts)
    text.reserveCapacity(text.count + samples.count / 4 + 2)
    for start in stride(from: 0, to: samples.count, by: 4) {
      text.append(samples[start..<min(start + 4, samples.count)].map { number(Double($0), width: 20, decimals: 12) }.joined())
    }
    return Array((text.joined(separator: "\n") + "\n    -1\n").utf8)
  }

  /// Records 1 to 11 in their columns. The spacing is written with one digit more than E13.5 shows; what reads columns reads it.
  private static func records(_ count: Int, _ facts: RecordingFacts) -> [String] {
    let name = facts.name.split(separator: "/").last.map(String.init) ?? "NONE"
    let function =
      "\(right("1", 5))\(right("0", 10))\(right("0", 5))\(right("0", 10)) \(left(name, 10))\(right("1", 10))\(right("0", 4))"
      + " \(left("NONE", 10))\(right("0", 10))\(right("0", 4))"
    let zero = number(0, width: 13, decimals: 5)
    let form =
      right("4", 10) + right("\(count)", 10) + right("1", 10) + zero + number(1 / facts.sampleRateHz, width: 13, decimals: 6)
      + zero
    return [
      line(facts.name), line(facts.meaning), line(facts.time), line("written by thrum"), line(facts.remarks), function, form,
      axis(17, "Time", "s"), axis(quantity(facts.unit), "Response", facts.unit), axis(0, "NONE", "NONE"), axis(0, "NONE", "NONE"),
    ]
  }

  /// Of the values, as the format numbers them: 8 displacement, 11 velocity, 12 acceleration, 0 unknown.
  private static func quantity(_ unit: String) -> Int {
    switch unit {
    case "[g]", "g", "m/s2": 12
    case "mm/s", "m/s", "[in_i]/s", "in/s": 11
    case "um", "mm", "m", "[mil_i]", "mil": 8
    default: 0
    }
  }

  /// I10,3I5,2(1X,20A1).
  private static func axis(_ quantity: Int, _ label: String, _ unit: String) -> String {
    right("\(quantity)", 10) + right("0", 5) + right("0", 5) + right("0", 5) + " \(left(label, 20)) \(left(unit, 20))"
  }

  /// A record of free text: 80 characters, and never a mark.
  private static func line(_ text: String) -> String { text.isEmpty ? "NONE" : String(plain(text).prefix(80)) }

  private static func plain(_ text: String) -> String {
    String(text.unicodeScalars.map { (0x20..<0x7F).contains($0.value) ? Character($0) : "?" })
  }

  private static func left(_ text: String, _ width: Int) -> String {
    let text = plain(text).prefix(width)
    return text + String(repeating: " ", count: width - text.count)
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// As Fortran's E format writes it, but with a digit before the point.
  private static func number(_ value: Double, width: Int32, decimals: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 48)
    let length = withVaList([width, decimals, value]) { vsnprintf(&buffer, buffer.count, "%*.*E", $0) }
    return String(decoding: buffer.prefix(Int(max(0, length))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
