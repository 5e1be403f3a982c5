// Strings and their escapes.
extension SignedJSONParser {
  /// The text of a string whose opening quote comes next, escapes resolved.
  mutating func text() throws(SignedJSONError) -> UTF8Text {
    position += 1
    var text: [UInt8] = []
    var plain = position
    while let byte = next {
      guard byte >= 0x20 else { throw error(.grammar, "control character in a string") }
      position += 1
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      text += bytes[plain..<position - 1]
      if byte == UInt8(ascii: "\"") { return UTF8Text(valid: text) }
      text += try escape()
      plain = position
    }
    throw error(.grammar, "string without end")
  }

  private mutating func escape() throws(SignedJSONError) -> [UInt8] {
    guard let byte = next else { throw error(.grammar, "string without end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
    default: throw error(.grammar, "unknown escape")
    }
  }

  /// A code point from one \u escape, or from two that are a surrogate pair.
  private mutating func scalar() throws(SignedJSONError) -> Unicode.Scalar {
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, bytes[position...].starts(with: #"\u"#.utf8) else { throw error(.encoding, "half a surrogate pair") }
    position += 2
    let second = try codeUnit()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error(.encoding, "half a surrogate pair") }
    return scalar
  }

  private mutating func codeUnit() throws(SignedJSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = hexValue(byte) else { throw error(.grammar, "\\u without four hexadecimal digits") }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
