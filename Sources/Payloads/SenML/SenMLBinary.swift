/// SenML as CBOR (RFC 8428, 6): an array of maps, whose keys are numbers.
enum SenMLBinary {
  /// - Parameter take: is given each record in turn.
  static func read(
    _ payload: UnsafeRawBufferPointer, _ take: (SenMLRecord) throws(PayloadError) -> Void
  ) throws(PayloadError) {
    var scanner = CBORScanner(payload)
    try scanner.elements { scanner throws(PayloadError) in
      var record = SenMLRecord()
      try scanner.entries { scanner, key throws(PayloadError) in try member(key, &record, &scanner) }
      try take(record)
    }
    guard scanner.next() == nil else { throw scanner.malformed("something follows the pack") }
  }

  private static func member(
    _ key: CBORScanner.Key, _ record: inout SenMLRecord, _ scanner: inout CBORScanner
  ) throws(PayloadError) {
    switch key {
    case .integer(let number):
      if let label = SenMLRecord.Label(rawValue: number) { return try record.read(label, from: &scanner) }
    case .text(let text):
      if text.last == UInt8(ascii: "_") { throw SenMLRecord.mustBeUnderstood(text, scanner) }
    case .other: break
    }
    try scanner.skipValue()
  }
}

extension CBORScanner: SenMLSource {
  mutating func text() throws(PayloadError) -> UnsafeRawBufferPointer { try string() }
  mutating func skipValue() throws(PayloadError) { try skip(depth: 2) }
}
