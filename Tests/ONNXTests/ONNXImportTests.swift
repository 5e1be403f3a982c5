import Signal
import Testing

@testable import Anomaly
@testable import ONNX

@Suite("Models that were trained elsewhere")
struct ONNXImportTests {
  @Test("what is imported says what ONNX Runtime says, within 1e-5", arguments: GoldenImport.all)
  func golden(origin: GoldenImport) throws {
    let parts = try ONNXImport.parts(GoldenImport.bytes(origin.name))
    for (row, expected) in zip(origin.rows, origin.output) {
      let output = parts.output(of: row)
      #expect(output.count == expected.count)
      for (value, expected) in zip(output, expected) { #expect(abs(value - expected) < 1e-5) }
    }
  }

  @Test(
    "an autoencoder may be compared with what its first layers make of a window; its file says so, others' files are as before")
  func prepared() throws {
    var chain = try LayerChain(inputs: 2)
    try chain.append(.elementwise(.subtract, [1, 2]))
    try chain.append(.elementwise(.multiply, [10, 10]))
    try chain.append(.elementwise(.multiply, [0.5, 0.5]))
    let shape = ModelShape(windowSamples: 64, sampleRateHz: 100, unit: .gravity, featureNames: ["rms", "peak"])
    func model(_ prepared: Int) throws -> ImportedModel {
      try ImportedModel(input: .features, shape: shape, parts: try ImportedParts(before: chain, prepared: prepared), limit: 1)
    }
    // (1.2 - 1) * 10 = 2, halved 1; (2.4 - 2) * 10 = 4, halved 2
    let windows: [Float] = [1.2, 2.4]
    #expect(abs(try model(2).score(windows).joint - 2.5) < 1e-4)
    #expect(abs(try model(0).score(windows).joint - 0.1) < 1e-4)
    #expect(try model(2).contributions(of: windows).map(\.feature) == ["peak", "rms"])
    let read = try ImportedModel(decoding: try model(2).encoded())
    #expect(try read.parts == model(2).parts && read.version == model(2).version)
    #expect(try model(0).encoded()[4] == 1 && model(2).encoded()[4] == 2)
    #expect(throws: ModelError.self) { try ImportedParts(before: chain, prepared: 4) }
  }

  @Test("the goldens are there: forests and networks")
  func present() {
    #expect(GoldenImport.all.count == 8 && GoldenImport.all.allSatisfy { $0.rows.count == 12 })
  }

  @Test(
    "a forest's score is above 1 where scikit-learn says: an anomaly",
    arguments: GoldenImport.all.filter { $0.name.hasPrefix("f") })
  func forestScore(origin: GoldenImport) throws {
    let model = try model(origin.name)
    for (row, decision) in zip(origin.rows, origin.output) where abs(decision[0]) > 1e-4 {
      #expect((model.score(row).joint > 1) == (decision[0] < 0))
    }
  }

  @Test("an imported model's file says the same, and refuses damage", arguments: GoldenImport.all)
  func file(origin: GoldenImport) throws {
    let model = try model(origin.name)
    let bytes = model.encoded()
    let decoded = try ImportedModel(decoding: bytes)
    #expect(ImportedModel.isOne(bytes) && decoded.version == model.version && decoded.parts == model.parts)
    for row in origin.rows { #expect(decoded.score(row) == model.score(row)) }
    var random = SplitMix64(seed: 4)
    for _ in 0..<50 {
      var damaged = bytes
      damaged[random.index(below: bytes.count)] ^= 1 << UInt8(random.index(below: 8))
      #expect(throws: ModelError.self) { try ImportedModel(decoding: damaged) }
    }
  }

  @Test("an imported model's file with a right checksum and wrong content is refused or safe to run", arguments: GoldenImport.all)
  func hostileFile(origin: GoldenImport) throws {
    let body = Array(try model(origin.name).encoded().dropLast(8))
    var (random, refused) = (SplitMix64(seed: 8), 0)
    for _ in 0..<150 {
      var hostile = body
      for _ in 0..<1 + random.index(below: 4) {
        hostile[random.index(below: min(400, body.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      let digest = hostile.withUnsafeBytes { Digest64.of($0) }
      do {
        let model = try ImportedModel(decoding: hostile + withUnsafeBytes(of: digest.littleEndian) { Array($0) })
        guard model.parts.before.operations < 1_000_000 else { continue }
        _ = model.score([Float](repeating: 0.5, count: model.parts.before.inputs))
      } catch { refused += 1 }
    }
    #expect(refused > 20)
  }

  private func model(_ name: String) throws -> ImportedModel {
    let parts = try ONNXImport.parts(GoldenImport.bytes(name))
    let names = (0..<parts.before.inputs).map { "f\($0)" }
    let shape = ModelShape(windowSamples: 1024, sampleRateHz: 1000, unit: .gravity, featureNames: names)
    return try ImportedModel(input: .features, shape: shape, parts: parts, limit: parts.boundary > 0 ? parts.boundary : 1)
  }
}
