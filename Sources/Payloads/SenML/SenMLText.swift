/// SenML as JSON (RFC 8428, 5): an array of objects.
enum SenMLText {
  /// - Parameter take: is given each record in turn.
  static func read(
    _ payload: UnsafeRawBufferPointer, _ take: (SenMLRecord) throws(PayloadError) -> Void
  ) throws(PayloadError) {
    var scanner = JSONScanner(payload)
    try scanner.elements { scanner throws(PayloadError) in
      var record = SenMLRecord()
      _ = scanner.peek()
      try scanner.members { scanner, key throws(PayloadError) in
        if let label = SenMLRecord.Label.named(key) { return try record.read(label, from: &scanner) }
        if key.last == UInt8(ascii: "_") { throw SenMLRecord.mustBeUnderstood(key, scanner) }
        try scanner.skipValue()
      }
      try take(record)
    }
    guard scanner.peek() == nil else { throw scanner.malformed("something follows the pack") }
  }
}

extension JSONScanner: SenMLSource {
  mutating func text() throws(PayloadError) -> UnsafeRawBufferPointer {
    _ = peek()
    let text = try string()
    guard !text.contains(UInt8(ascii: "\\")) else { throw malformed("an escape in a name or a unit") }
    return text
  }

  mutating func skipValue() throws(PayloadError) { try skip(depth: 2) }
}
