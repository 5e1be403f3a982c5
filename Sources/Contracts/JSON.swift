import FoundationEssentials
import Signal

/// JSON as it crosses a process boundary: keys in `snake_case` and sorted, `/` as it is, times in RFC 3339.
/// The same value always gives the same bytes. Not for signed metadata: its decoder merges duplicate keys.
package enum JSON {
  /// Never fails for the types of this package: what is not a number travels as `"NaN"`, `"Infinity"`, `"-Infinity"`.
  package static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do { return [UInt8](try encoder.encode(value)) } catch { preconditionFailure("\(type(of: value)) encodes: \(error)") }
  }

  package static func text(_ value: some Encodable) -> String { String(decoding: encode(value), as: UTF8.self) }

  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws(JSONError) -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do { return try decoder.decode(type, from: Data(bytes)) } catch { throw JSONError(type, error) }
  }
}

/// Bytes that are not the JSON that was expected.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The type that was expected.
  package var object: String
  package var reason: String

  fileprivate init(_ type: Any.Type, _ error: any Error) {
    object = "\(type)"
    reason =
      switch error {
      case DecodingError.keyNotFound(let key, let context): Self.path(context.codingPath + [key]) + "is missing"
      case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.dataCorrupted(let context):
        Self.path(context.codingPath) + context.debugDescription
      default: "\(error)"
      }
  }

  package var description: String { "decode \(object): \(reason)" }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.isEmpty ? "" : keys.map(\.stringValue).joined(separator: ".") + " "
  }
}

extension UnixTime: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let time = UnixTime(rfc3339: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected an RFC 3339 time, got \(text)")
    }
    self = time
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rfc3339)
  }
}
