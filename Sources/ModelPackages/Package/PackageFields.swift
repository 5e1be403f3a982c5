import Anomaly
import Signal

/// What a package says of the windows and features that its model takes; compared with the model's own, and with the point's.
package struct FeatureContract: Sendable, Equatable {
  package let input: ImportedModel.Input
  package let shape: ModelShape

  package init(input: ImportedModel.Input, shape: ModelShape) { (self.input, self.shape) = (input, shape) }

  package init(_ model: DeliveredModel) { self.init(input: model.input, shape: model.shape) }

  package var json: SignedJSON {
    .members([
      ("input", .text(UTF8Text(input.rawValue))), ("window_samples", .integer(Int64(shape.windowSamples))),
      ("sample_rate_hz", .text(UTF8Text("\(shape.sampleRateHz)"))), ("unit", .text(UTF8Text(shape.unit.rawValue))),
      ("features", .array(shape.featureNames.map { .text(UTF8Text($0)) })),
    ])
  }

  init(_ fields: Fields) throws(TrustError) {
    guard let input = ImportedModel.Input(rawValue: try fields.text("input").string) else {
      throw fields.malformed("input", "expected features, spectrum or window")
    }
    guard let rate = Double(try fields.text("sample_rate_hz").string), rate > 0, rate.isFinite else {
      throw fields.malformed("sample_rate_hz", "expected a number above 0, as text")
    }
    guard let unit = SignalUnit(rawValue: try fields.text("unit").string) else { throw fields.malformed("unit", "unknown") }
    let samples = try fields.integer("window_samples", 1...1 << 24)
    self.init(
      input: input,
      shape: ModelShape(
        windowSamples: Int(samples), sampleRateHz: rate, unit: unit, featureNames: try fields.texts("features").map(\.string)))
  }

  /// The first difference, in words; `nil` when both are the same.
  package func difference(from other: FeatureContract) -> String? {
    if input != other.input { return "it takes \(input.rawValue), not \(other.input.rawValue)" }
    let (mine, its) = (shape, other.shape)
    if mine.windowSamples != its.windowSamples { return "windows of \(mine.windowSamples) samples, not \(its.windowSamples)" }
    if mine.sampleRateHz != its.sampleRateHz { return "\(mine.sampleRateHz.short) Hz, not \(its.sampleRateHz.short) Hz" }
    if mine.unit != its.unit { return "\(mine.unit.rawValue), not \(its.unit.rawValue)" }
    guard mine.featureNames != its.featureNames else { return nil }
    if mine.featureNames.sorted() == its.featureNames.sorted() { return "the same features in another order" }
    return "\(mine.featureNames.count) features that are not the other \(its.featureNames.count)"
  }
}

/// What a model may take at most, wherever it runs.
package struct PackageLimits: Sendable, Equatable, Encodable {
  /// 99 of 100 windows are judged within this, µs.
  package var maxP99Microseconds: Int64
  /// Of memory, for its numbers and its work.
  package var maxBytes: Int64

  package init(maxP99Microseconds: Int64 = 20_000, maxBytes: Int64 = 32 << 20) {
    (self.maxP99Microseconds, self.maxBytes) = (maxP99Microseconds, maxBytes)
  }

  package var json: SignedJSON {
    .members([("max_p99_us", .integer(maxP99Microseconds)), ("max_bytes", .integer(maxBytes))])
  }

  init(_ fields: Fields) throws(TrustError) {
    maxP99Microseconds = try fields.integer("max_p99_us", 1...60_000_000)
    maxBytes = try fields.integer("max_bytes", 1...1 << 31)
  }
}

extension SignedJSON {
  /// - Parameter members: every name once.
  static func members(_ members: [(UTF8Text, SignedJSON)]) -> SignedJSON {
    .object(members.map { Member(name: $0.0, value: $0.1) }.sorted { $0.name < $1.name })
  }
}

extension Fields {
  func integer(_ name: UTF8Text, _ range: ClosedRange<Int64>) throws(TrustError) -> Int64 {
    guard case .integer(let value) = try value(name), range.contains(value) else {
      throw malformed(name, "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Text of 1 to `limit` bytes without control characters.
  func words(_ name: UTF8Text, upTo limit: Int = 4096) throws(TrustError) -> String {
    let text = try text(name)
    guard text.isWords(upTo: limit) else { throw malformed(name, "expected 1 to \(limit) bytes without control characters") }
    return text.string
  }

  func wordList(_ name: UTF8Text, most: Int, upTo limit: Int = 4096) throws(TrustError) -> [String] {
    let texts = try texts(name)
    guard texts.count <= most, texts.allSatisfy({ $0.isWords(upTo: limit) }) else {
      throw malformed(name, "expected up to \(most) texts of 1 to \(limit) bytes without control characters")
    }
    return texts.map(\.string)
  }

  /// - Throws: for a member whose name is none of these: a rule that is not understood must not be passed over.
  func requireOnly(_ names: [UTF8Text]) throws(TrustError) {
    for member in members where !names.contains(member.name) { throw malformed(member.name, "unknown") }
  }
}

extension UTF8Text {
  fileprivate func isWords(upTo limit: Int) -> Bool {
    (1...limit).contains(bytes.count) && !string.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
