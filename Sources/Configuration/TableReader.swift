import Signal

/// Reads the keys of one TOML table, reports every one that cannot be used, and at the end every one that nobody asked for.
/// What is wrong reads as its default, so that reading goes on to the next problem.
final class TableReader {
  private let entries: [String: TOMLNode]
  private let location: TOMLNode.Location
  private let problems: Problems
  private var known: Set<String> = []

  /// Collects what all readers of one configuration find.
  final class Problems {
    var all: [ConfigProblem] = []
    /// Every key that was asked for, in the order of reading.
    var asked: [ConfigEntry] = []
  }

  init(_ entries: [String: TOMLNode], at location: TOMLNode.Location, problems: Problems) {
    self.entries = entries
    self.location = location
    self.problems = problems
  }

  func report(_ key: String, _ text: String) {
    let place = entries[key]?.location ?? location.appending(key)
    problems.all.append(ConfigProblem(file: place.file, key: place.path, text: text))
  }

  /// Something was said of this key already: what follows from it need not be said too.
  func isReported(_ key: String) -> Bool {
    let place = entries[key]?.location ?? location.appending(key)
    return problems.all.contains { $0.file == place.file && $0.key == place.path }
  }

  func has(_ key: String) -> Bool { entries[key] != nil }

  func hasText(_ key: String) -> Bool {
    if case .text = entries[key]?.value { true } else { false }
  }

  /// Reports the keys that were never read.
  func finish() {
    for key in entries.keys.sorted() where !known.contains(key) {
      let suggestion = Spelling.nearest(to: key, in: known).map { "; did you mean \($0)?" } ?? ""
      report(key, "unknown key" + suggestion)
    }
  }

  /// The value under `key`, remembered as one that exists.
  private func node(_ key: String) -> TOMLNode? {
    known.insert(key)
    return entries[key]
  }

  /// Reads an optional key; `read` gives `nil` for what is not `expected`.
  private func optional<Value>(_ key: String, expected: @autoclosure () -> String, _ read: (TOMLNode.Value) -> Value?) -> Value? {
    let node = node(key)
    problems.asked.append(
      ConfigEntry(
        path: location.appending(key).path, expected: expected(), given: node.map { $0.value.written }, fallback: nil,
        givenValue: node.flatMap { ConfigValue($0.value) }, isContainer: node?.value.holdsTables ?? false))
    guard let node else { return nil }
    if let value = read(node.value) { return value }
    report(key, "expected \(expected()), got \(node.value)" + (Self.quotes(node.value, for: Value.self).map { "; \($0)" } ?? ""))
    return nil
  }

  /// The commonest slip of all: the right value in the wrong form.
  private static func quotes<Value>(_ value: TOMLNode.Value, for type: Value.Type) -> String? {
    switch value {
    case .text(let text) where (type == Int.self || type == Double.self) && Double(text) != nil: "a number, without quotes"
    case .text("true") where type == Bool.self, .text("false") where type == Bool.self: "write it without quotes"
    case .integer where type == String.self, .number where type == String.self, .boolean where type == String.self:
      "a text, in quotes"
    default: nil
    }
  }

  /// What the key just asked for is without a value.
  private func remember(_ fallback: String) { problems.asked[problems.asked.count - 1].fallback = fallback }

  /// Reads a key that must be there when `standIn` is no default but only goes on in its place.
  private func required<Value>(_ key: String, _ value: Value?, expected: @autoclosure () -> String, standIn: Value) -> Value {
    if value == nil, !has(key) { report(key, "missing; expected \(expected())") }
    return value ?? standIn
  }
}

// Numbers and flags.
extension TableReader {
  func integer(_ key: String, _ range: ClosedRange<Int>, default fallback: Int? = nil, note: String? = nil) -> Int {
    let value = optionalInteger(key, range, note: note)
    fallback.map { remember("\($0)") }
    return fallback.map { value ?? $0 }
      ?? required(key, value, expected: TableReader.words(range), standIn: range.lowerBound)
  }

  func optionalInteger(_ key: String, _ range: ClosedRange<Int>, note: String? = nil) -> Int? {
    optional(key, expected: TableReader.words(range) + (note.map { " (\($0))" } ?? "")) { value in
      if case .integer(let number) = value, range.contains(number) { number } else { nil }
    }
  }

  func number(_ key: String, _ range: ClosedRange<Double>, default fallback: Double? = nil) -> Double {
    let value = optionalNumber(key, range)
    fallback.map { remember("\(TOMLNode.Value.number($0))") }
    return fallback.map { value ?? $0 }
      ?? required(key, value, expected: TableReader.words(range), standIn: range.lowerBound)
  }

  func optionalNumber(_ key: String, _ range: ClosedRange<Double>) -> Double? {
    optional(key, expected: TableReader.words(range)) { value in
      guard let number = value.number, range.contains(number) else { return nil }
      return number
    }
  }

  /// Two numbers that rise, `[from, to]`.
  func optionalRange(_ key: String, _ bounds: ClosedRange<Double>) -> ClosedRange<Double>? {
    optionalRise(key, count: 2, bounds).map { $0[0]...$0[1] }
  }

  /// So many numbers, each above the one before.
  func optionalRise(_ key: String, count: Int, _ bounds: ClosedRange<Double>) -> [Double]? {
    optional(key, expected: "\(count) numbers that rise, within \(TableReader.words(bounds))") { value in
      guard case .array(let nodes) = value else { return nil }
      let numbers = nodes.compactMap(\.value.number)
      guard nodes.count == count, numbers.count == count, numbers.allSatisfy(bounds.contains),
        zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 })
      else { return nil }
      return numbers
    }
  }

  func flag(_ key: String, default fallback: Bool) -> Bool {
    let value = optional(key, expected: "true or false") { if case .boolean(let flag) = $0 { flag } else { nil } }
    remember("\(fallback)")
    return value ?? fallback
  }

  private static func words(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound) to \(range.upperBound)" }

  private static func words(_ range: ClosedRange<Double>) -> String {
    "\(TOMLNode.Value.number(range.lowerBound)) to \(TOMLNode.Value.number(range.upperBound))"
  }
}

// Texts.
extension TableReader {
  func text(_ key: String, _ form: TextForm, default fallback: String? = nil) -> String {
    let value = optionalText(key, form)
    fallback.map { remember("\"\($0)\"") }
    return fallback.map { value ?? $0 } ?? required(key, value, expected: form.words, standIn: "")
  }

  func optionalText(_ key: String, _ form: TextForm) -> String? {
    optional(key, expected: form.words) { value in
      if case .text(let text) = value, form.accepts(text) { text } else { nil }
    }
  }

  func optionalTexts(_ key: String, _ form: TextForm, _ count: ClosedRange<Int>) -> [String]? {
    optional(key, expected: "\(count.lowerBound) to \(count.upperBound) texts, each \(form.words)") { value in
      guard case .array(let nodes) = value, count.contains(nodes.count) else { return nil }
      let texts = nodes.compactMap { node in
        if case .text(let text) = node.value, form.accepts(text) { text } else { nil }
      }
      return texts.count == nodes.count ? texts : nil
    }
  }

  func text(_ key: String, oneOf choices: [String]) -> String {
    let words = choices.joined(separator: ", ")
    let value = optional(key, expected: words) { value in
      if case .text(let text) = value, choices.contains(text) { text } else { nil }
    }
    return required(key, value, expected: words, standIn: "")
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default fallback: Choice) -> Choice {
    let value: Choice? = optionalChoice(key)
    remember("\"\(fallback.rawValue)\"")
    return value ?? fallback
  }

  func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) -> Choice? {
    optional(key, expected: Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")) { value in
      if case .text(let text) = value { Choice(rawValue: text) } else { nil }
    }
  }

  func optionalUnit(_ key: String) -> SignalUnit? {
    optional(key, expected: SignalUnit.allCases.map(\.rawValue).joined(separator: ", ")) { value in
      if case .text(let text) = value { SignalUnit(code: text) } else { nil }
    }
  }

  /// Needed: a scalar does not say its unit.
  func unit(_ key: String, of quantity: ScalarQuantity) -> ScalarUnit {
    let words = quantity.units.map(\.rawValue).joined(separator: ", ") + " for a \(quantity.rawValue)"
    let value = optional(key, expected: words) { value in
      if case .text(let text) = value, let unit = ScalarUnit(code: text), quantity.units.contains(unit) { unit } else { nil }
    }
    return required(key, value, expected: words, standIn: quantity.units[0])
  }

  /// A file; a relative path starts at the folder of the file that names it.
  func optionalPath(_ key: String) -> String? {
    guard let path = optionalText(key, .line), let file = entries[key]?.location.file else { return nil }
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }

  func url(_ key: String, default fallback: String?) -> BrokerURL {
    let words = "mqtt://host:port or mqtts://host:port, without user name or path"
    let value = optional(key, expected: words) { value in
      if case .text(let text) = value { BrokerURL(text) } else { nil }
    }
    fallback.map { remember("\"\($0)\"") }
    return value ?? fallback.flatMap(BrokerURL.init) ?? required(key, value, expected: words, standIn: BrokerURL.nowhere)
  }
}

// Tables.
extension TableReader {
  /// An absent table reads as an empty one.
  func table(_ key: String) -> TableReader {
    optionalTable(key) ?? TableReader([:], at: location.appending(key), problems: problems)
  }

  func optionalTable(_ key: String, expected: String = "a table") -> TableReader? {
    guard let node = node(key) else { return nil }
    if case .table(let entries) = node.value { return TableReader(entries, at: node.location, problems: problems) }
    report(key, "expected \(expected), got \(node.value)")
    return nil
  }

  func tables(_ key: String) -> [TableReader] {
    optional(key, expected: "tables, written [[\(key)]]") { value in
      guard case .array(let nodes) = value else { return nil }
      let readers = nodes.compactMap { node in
        if case .table(let entries) = node.value { TableReader(entries, at: node.location, problems: problems) } else { nil }
      }
      return readers.count == nodes.count ? readers : nil
    } ?? []
  }

  /// What stands in an array of names and tables.
  enum Item {
    case text(String)
    case table(TableReader)
  }

  /// An absent array reads as an empty one.
  func items(_ key: String, expected: String) -> [Item] {
    guard let node = node(key) else { return [] }
    guard case .array(let nodes) = node.value, !nodes.isEmpty else {
      report(key, "expected \(expected), got \(node.value)")
      return []
    }
    return nodes.compactMap { element in
      switch element.value {
      case .text(let text) where TextForm.channelName.accepts(text): return .text(text)
      case .table(let entries): return .table(TableReader(entries, at: element.location, problems: problems))
      default:
        report(key, "expected \(expected), each name \(TextForm.channelName.words), got \(element.value)")
        return nil
      }
    }
  }
}
