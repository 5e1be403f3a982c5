/// The text that a monitoring system scrapes (OpenMetrics 1.0.0).
struct OpenMetrics {
  enum Kind: String { case gauge, counter, histogram, info, stateset }

  private(set) var text = ""
  /// Of all samples that there can be, whether they have a value now or not.
  private(set) var names: Set<String> = []

  /// - Parameter samples: what follows the family's name, labels, and the value; a value that is not known is left out.
  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, unit: String? = nil, _ samples: [(labels: [(String, String)], value: Double?)]
  ) {
    let suffix = kind == .counter ? "_total" : kind == .info ? "_info" : ""
    names.insert(name + suffix)
    guard samples.contains(where: { $0.value != nil }) else { return }
    head(name, kind, help, unit)
    for sample in samples { sample.value.map { line(name + suffix, sample.labels, $0) } }
  }

  mutating func gauge(_ name: String, _ help: String, unit: String? = nil, _ value: Double?) {
    family(name, .gauge, help, unit: unit, [([], value)])
  }

  /// - Parameter counts: one for each bound, and one for what is beyond; not cumulative.
  mutating func histogram(_ name: String, _ help: String, unit: String, bounds: [Double], counts: [Int], sum: Double) {
    names.formUnion(["_bucket", "_count", "_sum"].map { name + $0 })
    head(name, .histogram, help, unit)
    var total = 0
    for (bound, count) in zip(bounds, counts) {
      total += count
      line(name + "_bucket", [("le", "\(bound)")], Double(total))
    }
    total += counts.last ?? 0
    line(name + "_bucket", [("le", "+Inf")], Double(total))
    line(name + "_count", [], Double(total))
    line(name + "_sum", [], sum)
  }

  mutating func end() -> String {
    text += "# EOF\n"
    return text
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String, _ unit: String?) {
    text += "# TYPE \(name) \(kind.rawValue)\n"
    if let unit { text += "# UNIT \(name) \(unit)\n" }
    text += "# HELP \(name) \(help)\n"
  }

  private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
    let words = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    text += "\(name)\(words.isEmpty ? "" : "{\(words)}") \(Self.number(value))\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// What topics bring into a label stays in it.
  static func escaped(_ text: String) -> String {
    text.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : $0.isNewline ? "\\n" : String($0) }.joined()
  }
}
