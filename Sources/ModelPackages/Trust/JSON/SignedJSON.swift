/// What signed metadata may be made of: JSON (RFC 8259) without fractions, every name once.
package enum SignedJSON: Sendable, Equatable {
  /// Members by the order of their names' bytes, each name once.
  case object([Member])
  case array([SignedJSON])
  case text(UTF8Text)
  case integer(Int64)
  case flag(Bool)
  case null

  package struct Member: Sendable, Equatable {
    package let name: UTF8Text
    package let value: SignedJSON
  }

  /// The value of a member; `nil` when there is none, or this is no object.
  package subscript(_ name: UTF8Text) -> SignedJSON? {
    guard case .object(let members) = self else { return nil }
    return members.value(of: name)
  }
}

extension [SignedJSON.Member] {
  /// By bisection: members are in order.
  package func value(of name: UTF8Text) -> SignedJSON? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low].name == name ? self[low].value : nil
  }
}

extension SignedJSON {
  /// The bytes that are signed and hashed: OLPC's canonical JSON (wiki.laptop.org/go/Canonical_JSON). No white space, members by code
  /// point, only `"` and `\` escaped, everything else as it is, line feeds too.
  package var canonical: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .object(let members):
      Self.write(members, between: "{", "}", to: &bytes) { member, bytes in
        Self.write(member.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
    case .array(let elements): Self.write(elements, between: "[", "]", to: &bytes) { $0.write(to: &$1) }
    case .text(let text): Self.write(text, to: &bytes)
    case .integer(let value): bytes += String(value).utf8
    case .flag(let value): bytes += (value ? "true" : "false").utf8
    case .null: bytes += "null".utf8
    }
  }

  private static func write<Element>(
    _ elements: [Element], between open: Unicode.Scalar, _ close: Unicode.Scalar, to bytes: inout [UInt8],
    _ body: (Element, inout [UInt8]) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      body(element, &bytes)
    }
    bytes.append(UInt8(ascii: close))
  }

  private static func write(_ text: UTF8Text, to bytes: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    bytes.append(quote)
    if text.bytes.contains(quote) || text.bytes.contains(backslash) {
      for byte in text.bytes { bytes += byte == quote || byte == backslash ? [backslash, byte] : [byte] }
    } else {
      bytes += text.bytes
    }
    bytes.append(quote)
  }
}
