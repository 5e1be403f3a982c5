import Signal

/// Turns one message body into what each of its channels measured. Built once per source; what it cannot use it refuses, it never
/// guesses.
package protocol PayloadDecoder: Sendable {
  /// The values of a source's `payload` key that this decoder reads.
  static var kinds: [String] { get }

  /// Refuses a format that lacks what this decoder needs.
  init(_ format: PayloadFormat) throws(PayloadFormatError)

  /// - Parameter payload: the whole message body, of any length.
  /// - Returns: one for each of the format's channels that is read, in their order.
  func decode(_ payload: UnsafeRawBufferPointer, receivedAt: UnixTime) throws(PayloadError) -> [Measurement]
}

/// What Thrum can read from a message.
package enum PayloadDecoders {
  /// THE LIST.
  package static let all: [any PayloadDecoder.Type] = [RawBlock.self, MappedJSON.self, MappedCBOR.self, SenML.self]

  package static var kinds: [String] { all.flatMap { $0.kinds } }

  package static func decoder(for format: PayloadFormat) throws(PayloadFormatError) -> any PayloadDecoder {
    for type in all where type.kinds.contains(format.kind) { return try type.init(format) }
    throw PayloadFormatError(key: "payload", reason: "expected one of \(kinds.joined(separator: ", ")), got \(format.kind)")
  }
}

extension PayloadDecoder {
  /// The same over bytes that lie in an array.
  package func decode(_ payload: [UInt8], receivedAt: UnixTime) throws(PayloadError) -> [Measurement] {
    let result = payload.withUnsafeBytes { bytes in
      Result { () throws(PayloadError) in try decode(bytes, receivedAt: receivedAt) }
    }
    return try result.get()
  }
}
