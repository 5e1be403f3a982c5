import TOMLKit

/// A TOML value that knows where it stands, so that files can be merged and problems still named.
struct TOMLNode {
  var value: Value
  var location: Location

  indirect enum Value {
    case text(String), integer(Int), number(Double), boolean(Bool)
    case array([TOMLNode])
    case table([String: TOMLNode])
    /// A date or a time: nothing here wants one.
    case other
  }

  struct Location {
    let file: String
    /// As `source[2].qos`; elements of an array count from 1, in their file.
    let path: String

    func appending(_ key: String) -> Location { Location(file: file, path: path.isEmpty ? key : "\(path).\(key)") }
    func appending(index: Int) -> Location { Location(file: file, path: "\(path)[\(index + 1)]") }
  }
}

extension TOMLNode {
  /// - Throws: one problem with line and column when `text` is not TOML.
  init(parsing text: String, file: String) throws(ConfigProblem) {
    if let refusal = TOMLGuard.refusal(of: text) {
      throw ConfigProblem(file: file, key: "line \(refusal.line)", text: refusal.reason)
    }
    do {
      self.init(try TOMLTable(string: text), at: Location(file: file, path: ""))
    } catch let error as TOMLParseError {
      let place = "line \(error.source.begin.line), column \(error.source.begin.column)"
      throw ConfigProblem(file: file, key: place, text: error.description)
    } catch {
      throw ConfigProblem(file: file, key: "", text: "\(error)")
    }
  }

  private init(_ toml: any TOMLValueConvertible, at location: Location) {
    self.location = location
    if let table = toml.table {
      let pairs = table.keys.compactMap { key in table[key].map { (key, TOMLNode($0, at: location.appending(key))) } }
      value = .table(Dictionary(pairs) { first, _ in first })
    } else if let array = toml.array {
      value = .array(array.enumerated().map { TOMLNode($1, at: location.appending(index: $0)) })
    } else {
      value = Value(scalar: toml)
    }
  }

  /// Tables are joined key by key, arrays of tables appended, anything else is replaced by the later file's.
  mutating func merge(_ later: TOMLNode) {
    switch (value, later.value) {
    case (.table(let mine), .table(let theirs)):
      value = .table(mine.merging(theirs) { old, new in old.merged(with: new) })
    case (.array(let mine), .array(let theirs)): value = .array(mine + theirs)
    default: self = later
    }
  }

  private func merged(with later: TOMLNode) -> TOMLNode {
    var copy = self
    copy.merge(later)
    return copy
  }
}

extension TOMLNode.Value {
  fileprivate init(scalar toml: any TOMLValueConvertible) {
    switch toml.type {
    case .string: self = toml.string.map { .text($0) } ?? .other
    case .int: self = toml.int.map { .integer($0) } ?? .other
    case .double: self = toml.double.map { .number($0) } ?? .other
    case .bool: self = toml.bool.map { .boolean($0) } ?? .other
    default: self = .other
    }
  }

  /// An integer is a number too.
  var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}

extension TOMLNode.Value {
  /// As it would be written in a file, arrays too; tables are told by their keys.
  var written: String {
    guard case .array(let nodes) = self, !holdsTables else { return description }
    return "[" + nodes.map(\.value.written).joined(separator: ", ") + "]"
  }

  /// It has keys of its own.
  var holdsTables: Bool {
    switch self {
    case .table: true
    case .array(let nodes): nodes.contains { $0.value.holdsTables }
    default: false
    }
  }
}

/// As people would write it, for messages.
extension TOMLNode.Value: CustomStringConvertible {
  var description: String {
    switch self {
    case .text(let text): "\"\(text)\""
    case .integer(let number): "\(number)"
    case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    case .boolean(let flag): "\(flag)"
    case .array: "an array"
    case .table: "a table"
    case .other: "a date or time"
    }
  }
}
