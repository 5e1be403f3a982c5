/// Reads the JSON of signed metadata. Where JSON leaves room, so that two readers may see two things in the same signed bytes, it
/// refuses: a name twice in an object, fractions, numbers beyond 64 bits, half a surrogate pair, bytes that are not UTF-8, anything
/// behind the value. Depth and number of values are bounded; every read is within the bytes.
package struct SignedJSONParser {
  let bytes: [UInt8]
  var position = 0
  private var values = 0

  package static let maxDepth = 32
  package static let maxValues = 100_000

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  package static func parse(_ bytes: [UInt8]) throws(SignedJSONError) -> SignedJSON {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw SignedJSONError(.encoding, 0, "not UTF-8") }
    var parser = SignedJSONParser(bytes)
    let value = try parser.value(depth: 1)
    guard parser.peek() == nil else { throw parser.error(.grammar, "expected the end") }
    return value
  }

  func error(_ rule: SignedJSONError.Rule, _ reason: String) -> SignedJSONError { SignedJSONError(rule, position, reason) }

  /// The next byte that is no white space; `nil` at the end.
  private mutating func peek() -> UInt8? {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    return next
  }

  /// The next byte; `nil` at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(SignedJSONError) {
    guard take(character) else { throw error(.grammar, "expected \(character)") }
  }

  private mutating func value(depth: Int) throws(SignedJSONError) -> SignedJSON {
    guard depth <= Self.maxDepth else { throw error(.size, "nested deeper than \(Self.maxDepth)") }
    values += 1
    guard values <= Self.maxValues else { throw error(.size, "more than \(Self.maxValues) values") }
    switch peek() {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .integer(try integer())
    }
  }

  private mutating func members(depth: Int) throws(SignedJSONError) -> [SignedJSON.Member] {
    try expect("{")
    var members: [SignedJSON.Member] = []
    if take("}") { return members }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw error(.grammar, "expected a name") }
      let name = try text()
      try expect(":")
      members.append(SignedJSON.Member(name: name, value: try value(depth: depth + 1)))
    } while take(",")
    try expect("}")
    members.sort { $0.name < $1.name }
    if let twice = zip(members, members.dropFirst()).first(where: { $0.name == $1.name }) {
      throw error(.duplicateName, "the name \(twice.0.name) comes twice in an object")
    }
    return members
  }

  private mutating func elements(depth: Int) throws(SignedJSONError) -> [SignedJSON] {
    try expect("[")
    var elements: [SignedJSON] = []
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    try expect("]")
    return elements
  }

  private mutating func word(_ word: String, _ value: SignedJSON) throws(SignedJSONError) -> SignedJSON {
    guard bytes[position...].starts(with: word.utf8) else { throw error(.grammar, "unknown word") }
    position += word.utf8.count
    return value
  }

  private mutating func integer() throws(SignedJSONError) -> Int64 {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let digits = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > digits else { throw error(.grammar, "expected a value") }
    guard position == digits + 1 || bytes[digits] != UInt8(ascii: "0") else { throw error(.grammar, "a number starts with 0") }
    if let byte = next, ".eE".utf8.contains(byte) { throw error(.number, "expected a whole number") }
    guard let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw error(.number, "a number beyond 64 bits")
    }
    return value
  }
}

/// Where the JSON of signed metadata broke a rule.
package struct SignedJSONError: Error, Equatable, CustomStringConvertible {
  package let rule: Rule
  /// Bytes before the place.
  package let position: Int
  package let reason: String

  package enum Rule: Sendable { case grammar, encoding, duplicateName, number, size }

  init(_ rule: Rule, _ position: Int, _ reason: String) {
    self.rule = rule
    self.position = position
    self.reason = reason
  }

  package var description: String { "JSON, byte \(position): \(reason)" }
}
