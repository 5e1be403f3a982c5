/// What a key of the configuration counts for, as a program takes it.
package enum ConfigValue: Sendable, Equatable, Encodable {
  case text(String), integer(Int), number(Double), boolean(Bool)
  case array([ConfigValue])

  /// - Parameter written: as it stands in a file, or would.
  init(written text: String) {
    if let node = try? TOMLNode(parsing: "value = \(text)", file: ""), case .table(let table) = node.value,
      let value = table["value"].flatMap({ ConfigValue($0.value) })
    {
      self = value
    } else {
      self = .text(text.hasPrefix("\"") && text.hasSuffix("\"") && text.count > 1 ? String(text.dropFirst().dropLast()) : text)
    }
  }

  /// `nil` for tables, dates and times.
  init?(_ value: TOMLNode.Value) {
    switch value {
    case .text(let text): self = .text(text)
    case .integer(let number): self = .integer(number)
    case .number(let number): self = .number(number)
    case .boolean(let flag): self = .boolean(flag)
    case .array(let nodes):
      let values = nodes.compactMap { ConfigValue($0.value) }
      guard values.count == nodes.count else { return nil }
      self = .array(values)
    case .table, .other: return nil
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .integer(let number): try container.encode(number)
    case .number(let number): try container.encode(number)
    case .boolean(let flag): try container.encode(flag)
    case .array(let values): try container.encode(values)
    }
  }
}

extension ConfigEntry {
  /// What counts; `nil`: nothing does.
  package var value: ConfigValue? { givenValue ?? effective.map(ConfigValue.init(written:)) }

  /// Where it would tell too much.
  package mutating func redact() { (given, givenValue) = ("\"***\"", .text("***")) }
}
