import Anomaly
import Crypto
import Signal

/// A model as it travels: one file with the model, what it expects, what it must reproduce, what it may take, and its card.
///
/// `THRUMPKG`, format, five sections in this order, each a tag and a count before its bytes, and SHA-256 of all before it:
/// `CARD`, `FEAT` and `LIMI` as JSON, `MODL` in the flat form (calibration and regimes are part of it), `GOLD` the golden vectors.
/// All numbers are little-endian.
package struct ModelPackage: Sendable {
  package let card: PackageCard
  package let limits: PackageLimits
  package let model: DeliveredModel
  /// At least one healthy and one faulty window.
  package let golden: [GoldenVector]
  /// SHA-256 of the whole file, lower-case hex: what a rollout names.
  package let digest: String
  /// Of the file.
  package let byteCount: Int

  package var contract: FeatureContract { FeatureContract(model) }

  package static let mostBytes = 32 << 20
  private static let mostModelBytes = 24 << 20
  private static let mostTextBytes = 64 << 10

  /// Whether the bytes begin as a package does.
  package static func isOne(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// - Throws: when the golden vectors are none of the model's, or something is beyond its bounds.
  package init(card: PackageCard, limits: PackageLimits, model: DeliveredModel, golden: [GoldenVector]) throws(PackageError) {
    try self.init(Self.encoded(card, limits, FeatureContract(model), model.encoded(), golden))
  }

  /// - Parameter bytes: of the file.
  package init(_ bytes: [UInt8]) throws(PackageError) {
    guard bytes.count <= Self.mostBytes else {
      throw PackageError(.tooLarge, "package", "\(bytes.count) bytes, at most \(Self.mostBytes) taken")
    }
    guard Self.isOne(bytes) else { throw PackageError(.malformed, "package", "no model package of Thrum") }
    let body = bytes.dropLast(SHA256.byteCount)
    guard SHA256.hash(data: body).elementsEqual(bytes.suffix(SHA256.byteCount)) else {
      throw PackageError(.digest, "package", "damaged: its digest is not that of its bytes")
    }
    var file = PackageReader(body.dropFirst(Self.magic.count), "package")
    let format = try file.word()
    guard format == Self.format else { throw file.malformed("format \(format); this Thrum reads \(Self.format)") }
    card = try PackageCard(json: Array(try file.section("CARD", Self.mostTextBytes)), "card")
    let contract = try Self.fields(&file, "FEAT", FeatureContract.init)
    limits = try Self.fields(&file, "LIMI", PackageLimits.init)
    model = try Self.model(Array(try file.section("MODL", Self.mostModelBytes)), contract)
    golden = try Self.golden(try file.section("GOLD", Self.mostBytes), model)
    try file.end()
    digest = hex(SHA256.hash(data: bytes))
    byteCount = bytes.count
  }
}

extension ModelPackage {
  private static let magic = Array("THRUMPKG".utf8)
  private static let format: UInt32 = 1

  private static func fields<Value>(
    _ file: inout PackageReader, _ tag: String, _ read: (Fields) throws(TrustError) -> Value
  ) throws(PackageError) -> Value {
    let bytes = Array(try file.section(tag, mostTextBytes))
    return try PackageError.reading(tag) { () throws(TrustError) in try read(try Fields(json: bytes, .file(UTF8Text(tag)))) }
  }

  private static func model(_ bytes: [UInt8], _ contract: FeatureContract) throws(PackageError) -> DeliveredModel {
    let model: DeliveredModel
    do throws(ModelError) { model = try DeliveredModel(decoding: bytes) } catch {
      throw PackageError(.malformed, "model", error.reason)
    }
    if let difference = FeatureContract(model).difference(from: contract) {
      throw PackageError(.featureContract, "model", "the package says otherwise: \(difference)")
    }
    return model
  }

  private static func golden(_ bytes: ArraySlice<UInt8>, _ model: DeliveredModel) throws(PackageError) -> [GoldenVector] {
    var file = PackageReader(bytes, "golden vectors")
    var golden: [GoldenVector] = []
    for _ in 0..<(try file.count(2...GoldenVector.most)) {
      golden.append(
        try GoldenVector(from: &file, windowSamples: model.shape.windowSamples, values: model.valueCount))
    }
    try file.end()
    guard Set(golden.map(\.kind)).count == 2 else { throw file.malformed("healthy and faulty windows are needed") }
    return golden
  }

  package static func encoded(
    _ card: PackageCard, _ limits: PackageLimits, _ contract: FeatureContract, _ model: [UInt8], _ golden: [GoldenVector]
  ) -> [UInt8] {
    var vectors = PackageWriter()
    vectors.append(UInt32(golden.count))
    for vector in golden { vector.encode(into: &vectors) }
    var file = PackageWriter()
    file.append(raw: magic)
    file.append(format)
    for (tag, bytes) in [
      ("CARD", card.json.canonical), ("FEAT", contract.json.canonical), ("LIMI", limits.json.canonical), ("MODL", model),
      ("GOLD", vectors.bytes),
    ] {
      file.append(raw: tag.utf8)
      file.append(counted: bytes)
    }
    return file.bytes + SHA256.hash(data: file.bytes)
  }

  /// SHA-256, lower-case hex.
  package static func digest(of bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  package func encoded() -> [UInt8] { Self.encoded(card, limits, contract, model.encoded(), golden) }
}

extension PackageReader {
  fileprivate mutating func section(_ tag: String, _ limit: Int) throws(PackageError) -> ArraySlice<UInt8> {
    guard try take(4).elementsEqual(tag.utf8) else { throw malformed("no section \(tag) where one must stand") }
    return try counted(upTo: limit)
  }
}
