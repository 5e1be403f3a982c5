import Crypto
import ModelFixtures
import Signal
import Testing

@testable import Anomaly
@testable import ModelPackages

@Suite("Model packages")
struct ModelPackageTests {
  private static func kind(_ body: () throws -> Void) -> PackageError.Kind? {
    do { try body() } catch { return (error as? PackageError)?.kind }
    return nil
  }

  /// The bytes with a digest that is right again.
  private static func resealed(_ bytes: [UInt8]) -> [UInt8] {
    let body = bytes.dropLast(32)
    return Array(body) + SHA256.hash(data: body)
  }

  @Test("what is written is read again, of every kind", arguments: 0..<4)
  func roundTrip(kind: Int) throws {
    let names = Machine.shape.featureNames
    let models = [
      Machine.learned, try Machine.imported(.features, names: [names[3], names[0]], limit: 20),
      try Machine.imported(.spectrum, limit: 0.004), try Machine.imported(.window, limit: 1),
    ]
    let package = try Machine.package(models[kind])
    let read = try ModelPackage(package.encoded())
    #expect(read.card == package.card && read.limits == package.limits && read.golden == package.golden)
    #expect(read.model.version == models[kind].version && read.contract == FeatureContract(models[kind]))
    #expect(read.digest == package.digest && read.digest == hex(SHA256.hash(data: package.encoded())))
    let clock = StepClock()
    let replay = try GoldenReplay.run(read, nanoseconds: clock.nanoseconds)
    #expect(replay.vectors == 4 && replay.worstScore == 0 && replay.worstValue == 0 && replay.p99Microseconds == 1)
  }

  @Test("a flipped bit or a missing end is refused")
  func damaged() throws {
    let bytes = try Machine.package().encoded()
    var random = SplitMix64(seed: 4)
    for _ in 0..<100 {
      var damaged = bytes
      damaged[random.index(below: bytes.count)] ^= 1 << UInt8(random.index(below: 8))
      #expect(throws: PackageError.self) { try ModelPackage(damaged) }
      #expect(throws: PackageError.self) { try ModelPackage(Array(bytes.prefix(random.index(below: bytes.count)))) }
    }
  }

  @Test("whoever can make the digest right can at most have it refused, or judged")
  func hostile() throws {
    let bytes = try Machine.package(Machine.imported(.window, limit: 1)).encoded()
    var random = SplitMix64(seed: 5)
    var refused = 0
    for _ in 0..<300 {
      var hostile = bytes
      for _ in 0..<1 + random.index(below: 3) { hostile[random.index(below: 1400)] = UInt8(truncatingIfNeeded: random.next()) }
      if random.index(below: 3) == 0 { hostile.removeLast(random.index(below: hostile.count - 40)) }
      do {
        let clock = StepClock()
        _ = try GoldenReplay.run(try ModelPackage(Self.resealed(hostile)), nanoseconds: clock.nanoseconds)
      } catch { refused += 1 }
    }
    #expect(refused > 200)
  }

  @Test("larger than a package may be: refused before anything is read")
  func huge() {
    let bytes = [UInt8](repeating: 0, count: ModelPackage.mostBytes + 1)
    #expect(Self.kind { _ = try ModelPackage(bytes) } == .tooLarge)
  }

  @Test("a model of other windows, rate, unit or order than the package says is refused", arguments: 0..<5)
  func contract(change: Int) throws {
    var shape = Machine.shape
    switch change {
    case 0: shape.windowSamples = 512
    case 1: shape.sampleRateHz = 2561
    case 2: shape.unit = .metrePerSecondSquared
    case 3: shape.featureNames.swapAt(0, 1)
    default: shape.featureNames.removeLast()
    }
    let contract = FeatureContract(input: .features, shape: shape)
    let bytes = ModelPackage.encoded(
      try Machine.card, PackageLimits(), contract, Machine.learned.encoded(), try Machine.golden(Machine.learned))
    #expect(Self.kind { _ = try ModelPackage(bytes) } == .featureContract)
  }

  @Test("golden windows of one kind prove nothing and are refused")
  func oneKind() throws {
    let golden = try Machine.golden(Machine.learned).filter { $0.kind == .healthy }
    let bytes = ModelPackage.encoded(
      try Machine.card, PackageLimits(), FeatureContract(Machine.learned), Machine.learned.encoded(), golden)
    #expect(Self.kind { _ = try ModelPackage(bytes) } == .malformed)
  }
}

@Suite("Golden windows on this machine")
struct GoldenReplayTests {
  private static func refusal(
    _ model: DeliveredModel = Machine.learned, limits: PackageLimits = PackageLimits(), step: UInt64 = 1000,
    change: (inout [GoldenVector]) -> Void = { _ in }
  ) throws -> PackageError.Kind? {
    var golden = try Machine.golden(model)
    change(&golden)
    let package = try ModelPackage(card: try Machine.card, limits: limits, model: model, golden: golden)
    do {
      let clock = StepClock(step: step)
      _ = try GoldenReplay.run(package, nanoseconds: clock.nanoseconds)
    } catch { return error.kind }
    return nil
  }

  @Test("features trained in another order than the names say are found")
  func wrongOrder() throws {
    #expect(try Self.refusal { $0[0].values.swapAt(0, 5) } == .goldenFeatures)
  }

  @Test("features or scores off by a thousandth are found")
  func off() throws {
    #expect(try Self.refusal { $0[1].values[2] *= 1.001 } == .goldenFeatures)
    #expect(try Self.refusal { $0[2].score *= 1.001 } == .goldenScore)
  }

  @Test("a healthy window that it raises, or a faulty one that it does not, is found")
  func verdicts() throws {
    #expect(try Self.refusal { $0[0].kind = .faulty } == .goldenVerdict)
    #expect(try Self.refusal { $0[3].kind = .healthy } == .goldenVerdict)
  }

  @Test("a model that computes no number is found")
  func notFinite() throws {
    var chain = try LayerChain(inputs: 256)
    try chain.append(.elementwise(.multiply, [0]))
    try chain.append(.elementwise(.divideInto, [0]))
    let model = DeliveredModel.imported(
      try ImportedModel(
        input: .window, shape: ModelShape(windowSamples: 256, sampleRateHz: 2560, unit: .gravity, featureNames: []),
        parts: try ImportedParts(before: chain), limit: 1))
    let golden = GoldenVector.Kind.allCases.enumerated().map { index, kind in
      let samples = Machine.window(kind, seed: UInt64(index))
      return GoldenVector(kind: kind, samples: samples, values: samples, score: 1)
    }
    let package = try ModelPackage(card: try Machine.card, limits: PackageLimits(), model: model, golden: golden)
    let clock = StepClock()
    #expect(throws: PackageError(.notFinite, "golden window 1", "its score is no number")) {
      try GoldenReplay.run(package, nanoseconds: clock.nanoseconds)
    }
  }

  @Test("slower or larger than the package's limits, or the rollout's: found before it judges anything in earnest")
  func limits() throws {
    #expect(try Self.refusal(limits: PackageLimits(maxP99Microseconds: 99), step: 100_000) == .overTime)
    #expect(try Self.refusal(limits: PackageLimits(maxP99Microseconds: 100), step: 100_000) == nil)
    #expect(try Self.refusal(limits: PackageLimits(maxBytes: 10_000)) == .overMemory)
    let package = try Machine.package()
    let clock = StepClock()
    #expect(throws: PackageError.self) {
      try GoldenReplay.run(package, limits: PackageLimits(maxBytes: 10_000), nanoseconds: clock.nanoseconds)
    }
  }

  @Test("a feature that this Thrum does not measure is named")
  func unknownFeature() throws {
    let model = try Machine.imported(.features, names: ["rms", "loudness"], limit: 1)
    let golden = GoldenVector.Kind.allCases.map { kind in
      GoldenVector(kind: kind, samples: Machine.window(kind, seed: 1), values: [0, 0], score: 0)
    }
    let package = try ModelPackage(card: try Machine.card, limits: PackageLimits(), model: model, golden: golden)
    let clock = StepClock()
    #expect(
      throws: PackageError(.featureContract, "model", "feature loudness: this Thrum does not measure it")
    ) { try GoldenReplay.run(package, nanoseconds: clock.nanoseconds) }
  }
}
