import Crypto

/// 128 random bits, made with a store: the name of one numbering of events, and the start of its chains.
package struct Epoch: HexCoded {
  package static let sizes = [16]
  package let bytes: [UInt8]
  package init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  package static func random() -> Epoch {
    var generator = SystemRandomNumberGenerator()
    return Epoch(unchecked: (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }
}

/// A lane's chain up to one event (PROTOCOL "Lanes"): hash(n) = SHA-256(hash(n−1) ‖ the event's bytes), hash(0) = the epoch.
package struct ChainHash: HexCoded {
  package static let sizes = [16, 32]
  /// 16 bytes before the first event, 32 after it.
  package let bytes: [UInt8]
  package init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  /// hash(0).
  package init(_ epoch: Epoch) { bytes = epoch.bytes }

  /// The hash after one more event.
  /// - Parameter event: the bytes that are stored and sent, without a newline.
  package func appending(_ event: some Sequence<UInt8>) -> ChainHash {
    var hasher = SHA256()
    hasher.update(data: bytes)
    hasher.update(data: Array(event))
    return ChainHash(unchecked: Array(hasher.finalize()))
  }
}

/// Bytes that are lower-case hex in JSON and in text.
package protocol HexCoded: Sendable, Hashable, Codable, CustomStringConvertible {
  /// How many bytes there may be.
  static var sizes: [Int] { get }
  var bytes: [UInt8] { get }
  init(unchecked bytes: [UInt8])
}

extension HexCoded {
  /// `nil` when the number of bytes is wrong.
  package init?(_ bytes: [UInt8]) {
    guard Self.sizes.contains(bytes.count) else { return nil }
    self.init(unchecked: bytes)
  }

  /// `nil` when the text is not lower-case hex of the right length.
  package init?(hex: String) {
    let digits = hex.utf8.compactMap { hexDigits.firstIndex(of: $0) }
    guard digits.count == hex.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    self.init(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
  }

  package var hex: String {
    String(decoding: bytes.flatMap { [hexDigits[Int($0 >> 4)], hexDigits[Int($0 & 15)]] }, as: UTF8.self)
  }
  package var description: String { hex }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected \(Self.sizes) bytes in lower-case hex")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}

private let hexDigits = Array("0123456789abcdef".utf8)
