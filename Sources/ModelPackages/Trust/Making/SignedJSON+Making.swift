// How signed metadata is put together.

extension SignedJSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
  package init(dictionaryLiteral elements: (UTF8Text, SignedJSON)...) {
    self.init(members: Dictionary(elements) { $1 })
  }
  package init(arrayLiteral elements: SignedJSON...) { self = .array(elements) }
  package init(stringLiteral value: String) { self = .text(UTF8Text(value)) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .flag(value) }

  /// An object of these members, put in order.
  package init(members: [UTF8Text: SignedJSON]) {
    self = .object(members.sorted { $0.key < $1.key }.map { Member(name: $0.key, value: $0.value) })
  }

  /// The members of an object; none of anything else.
  package var members: [UTF8Text: SignedJSON] {
    guard case .object(let members) = self else { return [:] }
    return Dictionary(members.map { ($0.name, $0.value) }) { $1 }
  }

  package var text: UTF8Text? { if case .text(let text) = self { text } else { nil } }
  package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  package var elements: [SignedJSON]? { if case .array(let elements) = self { elements } else { nil } }

  /// The same object with one member set, or taken out.
  package func setting(_ name: UTF8Text, to value: SignedJSON?) -> SignedJSON {
    var members = members
    members[name] = value
    return SignedJSON(members: members)
  }
}
