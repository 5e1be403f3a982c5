import Glibc

extension CBORScanner {
  mutating func number() throws(PayloadError) -> Double {
    let (head, tag) = try item()
    let value = tag == 4 ? try decimalFraction(head) : try plainNumber(head)
    guard value.isFinite else { throw malformed("no finite number") }
    return value
  }

  private func plainNumber(_ head: Head) throws(PayloadError) -> Double {
    switch (head.major, head.info) {
    case (Major.unsigned, _): Double(head.argument ?? 0)
    case (Major.negative, _): -1 - Double(head.argument ?? 0)
    case (Major.simple, 25): Self.half(UInt16(truncatingIfNeeded: head.argument ?? 0))
    case (Major.simple, 26): Double(Float(bitPattern: UInt32(truncatingIfNeeded: head.argument ?? 0)))
    case (Major.simple, 27): Double(bitPattern: head.argument ?? 0)
    default: throw malformed("expected a number")
    }
  }

  /// [exponent, mantissa]: mantissa · 10^exponent (RFC 8949, 3.4.4).
  private mutating func decimalFraction(_ head: Head) throws(PayloadError) -> Double {
    guard head.major == Major.array, head.argument == 2 else { throw malformed("a decimal fraction is an array of two") }
    let (exponent, mantissa) = (try whole(), try whole())
    guard abs(exponent) <= 400 else { throw malformed("an exponent of \(exponent)") }
    return exponent < 0 ? mantissa / pow(10, -exponent) : mantissa * pow(10, exponent)
  }

  private mutating func whole() throws(PayloadError) -> Double {
    let head = try item().head
    guard head.major <= Major.negative else { throw malformed("expected a whole number") }
    return try plainNumber(head)
  }

  /// binary16 of IEEE 754.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
    let magnitude: Double =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
      }
    return bits >> 15 == 0 ? magnitude : -magnitude
  }
}

extension CBORScanner: TreeScanner {
  static let language = "CBOR"

  mutating func next() -> TreeValue? {
    guard left > 0 else { return nil }
    var ahead = self
    guard let (head, tag) = try? ahead.item() else { return .other }
    return switch head.major {
    case Major.map: .object
    case Major.array: tag == 4 ? .other : .array
    case Major.bytes where Self.encoding(tag) != nil: .array
    case Major.text: .text
    default: .other
    }
  }

  enum Key {
    case text(UnsafeRawBufferPointer)
    case integer(Int)
    case other
  }

  /// `read` gets each key and must step over its value.
  mutating func entries(_ read: (inout Self, Key) throws(PayloadError) -> Void) throws(PayloadError) {
    let head = try item().head
    guard head.major == Major.map else { throw malformed("expected a map") }
    try repeated(head.argument) { scanner throws(PayloadError) in
      let key = try scanner.key()
      try read(&scanner, key)
    }
  }

  private mutating func key() throws(PayloadError) -> Key {
    let start = self
    let head = try item().head
    switch head.major {
    case Major.text where head.argument != nil: return .text(try body(head.argument ?? 0))
    case Major.unsigned: return .integer(Int(clamping: head.argument ?? 0))
    case Major.negative: return .integer(-1 - Int(clamping: min(head.argument ?? 0, UInt64(Int.max))))
    default:
      self = start
      try skip(depth: Self.maxDepth - 1)
      return .other
    }
  }

  mutating func members(_ read: (inout Self, UnsafeRawBufferPointer) throws(PayloadError) -> Void) throws(PayloadError) {
    try entries { scanner, key throws(PayloadError) in
      guard case .text(let text) = key else { return try scanner.skip(depth: 2) }
      try read(&scanner, text)
    }
  }

  mutating func elements(_ read: (inout Self) throws(PayloadError) -> Void) throws(PayloadError) {
    let head = try item().head
    guard head.major == Major.array else { throw malformed("expected an array") }
    try repeated(head.argument, read)
  }

  mutating func string() throws(PayloadError) -> UnsafeRawBufferPointer {
    let head = try item().head
    guard head.major == Major.text, let length = head.argument else { throw malformed("expected a text in one piece") }
    return try body(length)
  }

  mutating func unsigned() throws(PayloadError) -> UInt64 {
    guard let value = takeUnsigned(upTo: .max) else { throw malformed("expected a whole number, not negative") }
    return value
  }

  mutating func takeUnsigned(upTo limit: UInt64) -> UInt64? {
    var ahead = self
    guard let head = try? ahead.item().head, head.major == Major.unsigned, let value = head.argument, value <= limit else {
      return nil
    }
    self = ahead
    return value
  }

  /// An array, or a typed one (C. Bormann, RFC 8746) of 16 or 32 bits with a sign, or of floats.
  mutating func samples(scale: Double, channels: Int) throws(PayloadError) -> [Float] {
    var ahead = self
    let (head, tag) = try ahead.item()
    if head.major == Major.bytes, let length = head.argument, let encoding = Self.encoding(tag) {
      self = ahead
      return try typed(try body(length), encoding, scale)
    }
    var samples: [Float] = []
    samples.reserveCapacity(min(left / channels, Int(clamping: head.argument ?? 0)))
    try elements { scanner throws(PayloadError) in
      let value = Float(try scanner.number() * scale)
      guard value.isFinite else { throw scanner.malformed("sample \(samples.count) is too large") }
      samples.append(value)
    }
    return samples
  }

  private func typed(
    _ block: UnsafeRawBufferPointer, _ encoding: RawEncoding, _ scale: Double
  ) throws(PayloadError) -> [Float] {
    guard block.count.isMultiple(of: encoding.bytesPerSample) else {
      throw .wrongLength("CBOR: a typed array of \(block.count) bytes, not whole samples of \(encoding.bytesPerSample)")
    }
    let samples = try encoding.samples(of: block, scale: scale)
    if let place = samples.firstIndex(where: { !$0.isFinite }) { throw malformed("sample \(place) is no finite number") }
    return samples
  }

  /// RFC 8746, 2.1: 0b010, float, signed, little-endian, length.
  private static func encoding(_ tag: UInt64?) -> RawEncoding? {
    switch tag {
    case 73: .i16be
    case 74: .i32be
    case 77: .i16le
    case 78: .i32le
    case 81: .f32be
    case 82: .f64be
    case 85: .f32le
    case 86: .f64le
    default: nil
    }
  }
}
