import Signal

/// JSON (RFC 8259) whose fields the configuration names.
package struct MappedJSON: PayloadDecoder {
  package static let kinds = ["json"]

  private let fields: MappedFields<JSONScanner>

  package init(_ format: PayloadFormat) throws(PayloadFormatError) { fields = try MappedFields(format) }

  package func decode(_ payload: UnsafeRawBufferPointer, receivedAt: UnixTime) throws(PayloadError) -> [Measurement] {
    try fields.decode(payload, receivedAt: receivedAt)
  }
}

extension JSONScanner: TreeScanner {
  static let language = "JSON"

  mutating func next() -> TreeValue? {
    switch peek() {
    case nil: nil
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .text
    default: .other
    }
  }

  mutating func samples(scale: Double, channels: Int) throws(PayloadError) -> [Float] {
    var samples: [Float] = []
    samples.reserveCapacity(left / (8 * channels))
    try elements { scanner throws(PayloadError) in
      let value = Float(try scanner.number() * scale)
      guard value.isFinite else { throw scanner.malformed("sample \(samples.count) is too large") }
      samples.append(value)
    }
    return samples
  }
}
