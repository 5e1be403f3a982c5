/// Reads the fields of one object of signed metadata; what is missing or of another type is named by its path.
struct Fields {
  let members: [SignedJSON.Member]
  let path: Path

  /// Where an object stands, for messages: `root.json.roles.timestamp`. Written out only for one.
  indirect enum Path: CustomStringConvertible {
    case file(UTF8Text)
    case member(UTF8Text, of: Path)

    var description: String {
      switch self {
      case .file(let name): name.description
      case .member(let name, let path): "\(path).\(name)"
      }
    }
  }

  init(_ value: SignedJSON, _ path: Path) throws(TrustError) {
    guard case .object(let members) = value else { throw TrustError(.malformed, "read", path, "expected an object") }
    self.members = members
    self.path = path
  }

  func malformed(_ name: UTF8Text, _ reason: String) -> TrustError {
    TrustError(.malformed, "read", Path.member(name, of: path), reason)
  }

  func optional(_ name: UTF8Text) -> SignedJSON? { members.value(of: name) }

  func value(_ name: UTF8Text) throws(TrustError) -> SignedJSON {
    guard let value = optional(name) else { throw malformed(name, "missing") }
    return value
  }

  func text(_ name: UTF8Text) throws(TrustError) -> UTF8Text {
    guard case .text(let text) = try value(name) else { throw malformed(name, "expected text") }
    return text
  }

  func integer(_ name: UTF8Text, from lowest: Int64) throws(TrustError) -> Int64 {
    guard case .integer(let value) = try value(name) else { throw malformed(name, "expected a whole number") }
    guard value >= lowest else { throw malformed(name, "expected at least \(lowest), got \(value)") }
    return value
  }

  func flag(_ name: UTF8Text) throws(TrustError) -> Bool {
    guard case .flag(let flag) = try value(name) else { throw malformed(name, "expected true or false") }
    return flag
  }

  func fields(_ name: UTF8Text) throws(TrustError) -> Fields {
    try Fields(try value(name), .member(name, of: path))
  }

  func array(_ name: UTF8Text) throws(TrustError) -> [SignedJSON] {
    guard case .array(let elements) = try value(name) else { throw malformed(name, "expected a list") }
    return elements
  }

  func texts(_ name: UTF8Text) throws(TrustError) -> [UTF8Text] {
    var texts: [UTF8Text] = []
    for element in try array(name) {
      guard case .text(let text) = element else { throw malformed(name, "expected a list of texts") }
      texts.append(text)
    }
    return texts
  }

  /// Every member, read by `body`.
  func dictionary<Value>(
    _ body: (UTF8Text, Fields) throws(TrustError) -> Value
  ) throws(TrustError) -> [UTF8Text: Value] {
    var dictionary: [UTF8Text: Value] = [:]
    for member in members {
      dictionary[member.name] = try body(member.name, try Fields(member.value, .member(member.name, of: path)))
    }
    return dictionary
  }
}
