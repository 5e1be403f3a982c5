/// Text compared byte by byte. Swift's `String` holds "é" and "e" with U+0301 to be one name; signed names differ when their bytes do.
package struct UTF8Text: Sendable, Hashable, ExpressibleByStringLiteral {
  package let bytes: [UInt8]

  package init(_ string: some StringProtocol) { bytes = Array(string.utf8) }
  package init(stringLiteral value: String) { self.init(value) }
  /// - Parameter bytes: valid UTF-8.
  init(valid bytes: [UInt8]) { self.bytes = bytes }

  package var string: String { String(decoding: bytes, as: UTF8.self) }
  package var isEmpty: Bool { bytes.isEmpty }
}

extension UTF8Text: Comparable {
  /// By bytes, which is also the order of Unicode's code points.
  package static func < (a: Self, b: Self) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}

extension UTF8Text: CustomStringConvertible {
  /// For messages: shortened, with all but printable ASCII escaped, so that a hostile name draws nothing on a terminal.
  package var description: String {
    let shown = string.unicodeScalars.prefix(Self.shownScalars)
    let text = shown.reduce(into: "") { $0 += (0x20..<0x7F).contains($1.value) ? String($1) : $1.escaped(asASCII: true) }
    return string.unicodeScalars.count > Self.shownScalars ? text + "…" : text
  }

  private static let shownScalars = 80
}

extension UTF8Text {
  /// Everything but `[a-z0-9-]` as %XX of its UTF-8 bytes: a name without separators, dots or upper case, safe as a file or a topic.
  package var percentEncoded: String {
    bytes.reduce(into: "") { text, byte in
      let isPlain = (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
      text += isPlain ? String(UnicodeScalar(byte)) : "%" + hex([byte]).uppercased()
    }
  }
}
