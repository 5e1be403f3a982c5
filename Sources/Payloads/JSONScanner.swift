/// Walks JSON text (RFC 8259) from byte to byte without building a tree. Strict: what the grammar does not have is refused.
/// The caller guards nothing: every read is within the bytes, nesting is limited, numbers must be finite.
struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  /// Of the next byte to read.
  private(set) var position = 0

  static let maxDepth = 16

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Bytes that were not read yet.
  var left: Int { bytes.count - position }

  /// The next byte that is no white space; `nil` at the end.
  mutating func peek() -> UInt8? {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  /// Steps over `byte` if it comes next.
  mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ byte: Unicode.Scalar) throws(PayloadError) {
    guard take(byte) else { throw malformed("expected \(byte)") }
  }

  func malformed(_ reason: String) -> PayloadError { .malformed("JSON, byte \(position): \(reason)") }

  /// The bytes of a string between its quotes, escapes left as they are.
  mutating func string() throws(PayloadError) -> UnsafeRawBufferPointer {
    try expect("\"")
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1])
      case UInt8(ascii: "\\"): try escape()
      case 0..<0x20: throw malformed("control character in a string")
      default: position += 1
      }
    }
    throw malformed("string without end")
  }

  private mutating func escape() throws(PayloadError) {
    guard position + 1 < bytes.count else { throw malformed("string without end") }
    switch bytes[position + 1] {
    case UInt8(ascii: "u"):
      guard position + 6 <= bytes.count, bytes[position + 2..<position + 6].allSatisfy(Self.isHexDigit) else {
        throw malformed("\\u without four hexadecimal digits")
      }
      position += 6
    case let byte where #""\/bfnrt"#.utf8.contains(byte): position += 2
    default: throw malformed("unknown escape")
    }
  }

  /// Steps over a value of any kind.
  mutating func skip(depth: Int) throws(PayloadError) {
    guard depth <= Self.maxDepth else { throw malformed("nested deeper than \(Self.maxDepth)") }
    switch peek() {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"):
      try members { scanner, _ throws(PayloadError) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "["):
      try elements { scanner throws(PayloadError) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: _ = try number()
    }
  }

  /// `read` gets each key (escapes left as they are) and must step over its value.
  mutating func members(
    _ read: (inout Self, UnsafeRawBufferPointer) throws(PayloadError) -> Void
  ) throws(PayloadError) {
    try expect("{")
    if take("}") { return }
    repeat {
      _ = peek()
      let key = try string()
      try expect(":")
      try read(&self, key)
    } while take(",")
    try expect("}")
  }

  /// `read` must step over one element.
  mutating func elements(_ read: (inout Self) throws(PayloadError) -> Void) throws(PayloadError) {
    try expect("[")
    if take("]") { return }
    repeat { try read(&self) } while take(",")
    try expect("]")
  }

  private mutating func word(_ word: StaticString) throws(PayloadError) {
    let end = position + word.utf8CodeUnitCount
    let matches = word.withUTF8Buffer { end <= bytes.count && bytes[position..<end].elementsEqual($0) }
    guard matches else { throw malformed("unknown word") }
    position = end
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }

  fileprivate static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

// Numbers.
extension JSONScanner {
  /// Exact for whole numbers up to 2^53 and decimals of up to 15 digits, else within two units in the last place of a double.
  mutating func number() throws(PayloadError) -> Double {
    _ = peek()
    let start = position
    let isNegative = takeRaw("-")
    var mantissa: UInt64 = 0
    var digits = 0
    let leadingZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
    let whole = takeDigits(into: &mantissa, &digits)
    guard whole > 0, !(leadingZero && whole > 1) else { throw malformed("expected a number") }
    var exponent = 0
    if takeRaw(".") {
      let fraction = takeDigits(into: &mantissa, &digits)
      guard fraction > 0 else { throw malformed("expected a digit behind the point") }
      exponent = -fraction
    }
    if takeRaw("e") || takeRaw("E") { exponent += try self.exponent() }
    let magnitude =
      digits <= 19 && abs(exponent) <= 22 ? Self.scaled(Double(mantissa), exponent) : slowMagnitude(from: start)
    guard magnitude.isFinite else { throw malformed("number too large") }
    return isNegative ? -magnitude : magnitude
  }

  /// A number that must be whole and from 0 to 2^64 - 1, exactly.
  mutating func unsigned() throws(PayloadError) -> UInt64 {
    guard let value = takeUnsigned() else { throw malformed("expected a whole number, not negative") }
    return value
  }

  /// Stays where it is when no such number comes next.
  mutating func takeUnsigned(upTo limit: UInt64 = .max) -> UInt64? {
    _ = peek()
    var end = position
    while end < bytes.count, Self.isDigit(bytes[end]) { end += 1 }
    let isFraction = end < bytes.count && ".eE".utf8.contains(bytes[end])
    guard !isFraction, let value = UInt64(String(decoding: bytes[position..<end], as: UTF8.self)), value <= limit else {
      return nil
    }
    position = end
    return value
  }

  private mutating func takeRaw(_ byte: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  /// How many digits came; `digits` counts those that matter.
  private mutating func takeDigits(into mantissa: inout UInt64, _ digits: inout Int) -> Int {
    let start = position
    while position < bytes.count, Self.isDigit(bytes[position]) {
      mantissa = mantissa &* 10 &+ UInt64(bytes[position] & 15)
      if mantissa != 0 { digits += 1 }
      position += 1
    }
    return position - start
  }

  private mutating func exponent() throws(PayloadError) -> Int {
    let isNegative = takeRaw("-")
    if !isNegative { _ = takeRaw("+") }
    var value: UInt64 = 0
    var digits = 0
    guard takeDigits(into: &value, &digits) > 0, digits <= 4 else { throw malformed("expected an exponent of at most 4 digits") }
    return isNegative ? -Int(value) : Int(value)
  }

  /// Powers of ten up to 22 are doubles without error (W. D. Clinger, "How to read floating point numbers accurately", 1990).
  private static func scaled(_ mantissa: Double, _ exponent: Int) -> Double {
    exponent < 0 ? mantissa / powersOfTen[-exponent] : mantissa * powersOfTen[exponent]
  }

  private static let powersOfTen: [Double] = (0...22).reduce(into: []) { powers, _ in powers.append((powers.last ?? 0.1) * 10) }

  private func slowMagnitude(from start: Int) -> Double {
    abs(Double(String(decoding: bytes[start..<position], as: UTF8.self)) ?? .infinity)
  }
}
