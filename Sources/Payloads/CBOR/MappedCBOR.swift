import Signal

/// CBOR (RFC 8949) whose fields the configuration names, as it does for JSON; samples may be a typed array (RFC 8746).
package struct MappedCBOR: PayloadDecoder {
  package static let kinds = ["cbor"]

  private let fields: MappedFields<CBORScanner>

  package init(_ format: PayloadFormat) throws(PayloadFormatError) { fields = try MappedFields(format) }

  package func decode(_ payload: UnsafeRawBufferPointer, receivedAt: UnixTime) throws(PayloadError) -> [Measurement] {
    try fields.decode(payload, receivedAt: receivedAt)
  }
}
