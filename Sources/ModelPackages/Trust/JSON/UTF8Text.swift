import Glibc

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
  package static func == (a: Self, b: Self) -> Bool { a.bytes.count == b.bytes.count && a.difference(to: b) == 0 }

  /// By bytes, which is also the order of Unicode's code points.
  package static func < (a: Self, b: Self) -> Bool {
    let difference = a.difference(to: b)
    return difference < 0 || difference == 0 && a.bytes.count < b.bytes.count
  }

  package func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

  /// Of the bytes both have.
  private func difference(to other: Self) -> Int32 {
    let count = min(bytes.count, other.bytes.count)
    return bytes.withUnsafeBytes { mine in
      other.bytes.withUnsafeBytes { theirs in
        guard let mine = mine.baseAddress, let theirs = theirs.baseAddress else { return 0 }
        return memcmp(mine, theirs, count)
      }
    }
  }
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
  package var percentEncoded: String { percentEncoded { Self.isPlain($0) } }

  /// Everything but RFC 3986's unreserved characters as %XX: how repositories name the files of roles.
  package var urlEncoded: String {
    percentEncoded { Self.isPlain($0) || (0x41...0x5A).contains($0) || "._~".utf8.contains($0) }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
  }

  private func percentEncoded(_ isKept: (UInt8) -> Bool) -> String {
    bytes.reduce(into: "") { $0 += isKept($1) ? String(UnicodeScalar($1)) : "%" + hex([$1]).uppercased() }
  }
}
