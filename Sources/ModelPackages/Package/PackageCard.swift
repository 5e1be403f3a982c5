/// Who made a model out of what, for what, and where it fails: the card of Mitchell et al., Model Cards for Model Reporting (2019).
/// Figures are text: the JSON of signed things has no fractions.
package struct PackageCard: Sendable, Equatable, Encodable {
  /// The name that rollouts call it by: 1 to 63 of a-z, 0-9 and `-`.
  package var model: String
  /// 1 to 64 of letters, digits, `.`, `-`, `_` and `+`.
  package var version: String
  package var purpose: String
  package var trainingData: TrainingData
  /// By set (`train`, `validation`, `test`, `external`), then by name.
  package var metrics: [Metrics]
  package var limits: [String]
  package var knownFailureModes: [String]
  package var owner: String
  package var contact: String
  /// YYYY-MM-DD.
  package var reviewBy: String
  package var licence: String
  /// The oldest Thrum that runs it, as 1.2.3.
  package var leastThrum: String

  package struct TrainingData: Sendable, Equatable, Encodable {
    package var description: String
    /// Lower-case hex of its digest: the data set's version.
    package var sha256: String
  }

  package struct Metrics: Sendable, Equatable, Encodable {
    package var set: String
    package var figures: [Figure]
  }

  package struct Figure: Sendable, Equatable, Encodable {
    package var name: String
    package var value: String
  }

  package static let sets = ["train", "validation", "test", "external"]
}

extension PackageCard {
  /// - Parameters:
  ///   - bytes: JSON as people write it.
  ///   - object: its file, for messages.
  package init(json bytes: [UInt8], _ object: String) throws(PackageError) {
    self = try PackageError.reading(object) { () throws(TrustError) in
      try PackageCard(try Fields(json: bytes, .file(UTF8Text(object))))
    }
  }

  init(_ fields: Fields) throws(TrustError) {
    try fields.requireOnly(Self.names)
    _ = try fields.integer("format", 1...1)
    model = try fields.name("model", Self.isModel)
    version = try fields.name("version", Self.isVersion)
    (purpose, owner) = (try fields.words("purpose"), try fields.words("owner"))
    (contact, licence) = (try fields.words("contact"), try fields.words("licence"))
    (limits, knownFailureModes) = (
      try fields.wordList("limits", most: 64), try fields.wordList("known_failure_modes", most: 64)
    )
    (reviewBy, leastThrum) = (try fields.name("review_by", Self.isDate), try fields.name("least_thrum") { Self.parts($0) != nil })
    let data = try fields.fields("training_data")
    trainingData = TrainingData(
      description: try data.words("description"), sha256: try data.name("sha256") { $0.utf8.count == 64 && UTF8Text($0).isHex })
    metrics = try Self.metrics(try fields.fields("metrics"))
  }

  private static let names: [UTF8Text] = [
    "format", "model", "version", "purpose", "owner", "contact", "licence", "limits", "known_failure_modes", "review_by",
    "least_thrum", "training_data", "metrics",
  ]

  private static func metrics(_ fields: Fields) throws(TrustError) -> [Metrics] {
    try fields.requireOnly(sets.map { UTF8Text($0) })
    var metrics: [Metrics] = []
    for set in sets where fields.optional(UTF8Text(set)) != nil {
      let figures = try fields.fields(UTF8Text(set))
      guard figures.members.count <= 64 else { throw fields.malformed(UTF8Text(set), "more than 64 figures") }
      var row = Metrics(set: set, figures: [])
      for member in figures.members {
        row.figures.append(Figure(name: member.name.description, value: try figures.words(member.name, upTo: 64)))
      }
      metrics.append(row)
    }
    return metrics
  }

  package var json: SignedJSON {
    func words(_ text: String) -> SignedJSON { .text(UTF8Text(text)) }
    let figures = metrics.map { row in
      (UTF8Text(row.set), SignedJSON.members(row.figures.map { (UTF8Text($0.name), words($0.value)) }))
    }
    let data = SignedJSON.members([
      ("description", words(trainingData.description)), ("sha256", words(trainingData.sha256)),
    ])
    let members: [(UTF8Text, SignedJSON)] = [
      ("format", .integer(1)), ("model", words(model)), ("version", words(version)), ("purpose", words(purpose)),
      ("owner", words(owner)), ("contact", words(contact)), ("licence", words(licence)), ("review_by", words(reviewBy)),
      ("least_thrum", words(leastThrum)), ("limits", .array(limits.map(words))),
      ("known_failure_modes", .array(knownFailureModes.map(words))), ("training_data", data), ("metrics", .members(figures)),
    ]
    return .members(members)
  }
}

extension PackageCard {
  package static func isModel(_ name: String) -> Bool {
    (1...63).contains(name.utf8.count)
      && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
  }

  package static func isVersion(_ version: String) -> Bool {
    (1...64).contains(version.utf8.count) && version != "." && version != ".."
      && version.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || ".-_+".utf8.contains(byte)
      }
  }

  /// YYYY-MM-DD.
  static func isDate(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let ranges = [1...9999, 1...12, 1...31]
    guard parts.map(\.count) == [4, 2, 2] else { return false }
    return zip(parts, ranges).allSatisfy { part, range in
      part.allSatisfy { (0x30...0x39).contains($0) } && range.contains(part.reduce(0) { 10 * $0 + Int($1 & 15) })
    }
  }

  /// The numbers of 1.2.3; `nil` for anything else.
  static func parts(_ version: String) -> [Int]? {
    let parts = version.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($0) : nil }
    return parts.count == 3 && numbers.count == 3 ? numbers : nil
  }

  /// - Parameter thrum: this program's version; what stands behind a `-` or `+` is passed over.
  package func runs(on thrum: String) -> Bool {
    guard let needed = Self.parts(leastThrum), let have = Self.parts(String(thrum.prefix { $0 != "-" && $0 != "+" })) else {
      return false
    }
    return !have.lexicographicallyPrecedes(needed)
  }
}

extension Fields {
  init(json bytes: [UInt8], _ path: Path) throws(TrustError) {
    let value: SignedJSON
    do throws(SignedJSONError) { value = try SignedJSONParser.parse(bytes) } catch {
      throw TrustError(.malformed, "read", path, error.description)
    }
    try self.init(value, path)
  }

  func name(_ name: UTF8Text, _ isOne: (String) -> Bool) throws(TrustError) -> String {
    let text = try text(name)
    guard isOne(text.string) else { throw malformed(name, "not of its form: \(text)") }
    return text.string
  }
}

extension UTF8Text {
  var isHex: Bool { ModelPackages.bytes(hex: self) != nil && !bytes.contains { (0x41...0x46).contains($0) } }
}

extension PackageError {
  static func reading<Value>(_ object: String, _ body: () throws(TrustError) -> Value) throws(PackageError) -> Value {
    do throws(TrustError) { return try body() } catch { throw PackageError(.malformed, object, error.description) }
  }
}
