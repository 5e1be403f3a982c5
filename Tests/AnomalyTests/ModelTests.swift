import Signal
import Testing

@testable import Anomaly

@Suite("A model and its file")
struct ModelTests {
  static let names = (0..<12).map { "band_\($0)" }
  static let job = TrainingJob(
    point: PointID(machine: "m", point: "p"),
    shape: ModelShape(windowSamples: 1024, sampleRateHz: 12_800, unit: .gravity, featureNames: names),
    windows: DetectorTests.windows(60), overlappingNeighbours: 1)
  static let model = job.run().regimes[0].model

  @Test("what is encoded scores the same when decoded")
  func roundTrip() throws {
    let decoded = try Model(decoding: Self.model.encoded())
    #expect(decoded.version == Self.model.version)
    #expect(decoded.shape == Self.model.shape)
    DetectorTests.windows(30, seed: 3).forEach { #expect(decoded.score($0) == Self.model.score($0)) }
  }

  @Test("a model of an older Thrum, without limits of single features, is read, scores the same and disputes nothing")
  func older() throws {
    let model = Self.model
    let calibration = Calibration(
      references: Array(model.calibration.references.prefix(2)), margin: model.calibration.margin,
      ownLimits: [.greatestFiniteMagnitude, .greatestFiniteMagnitude], heldBackWindows: 23)
    let older = Model(
      shape: model.shape, standardizer: model.standardizer, detectors: Array(model.detectors.prefix(2)), calibration: calibration,
      deciles: model.deciles)
    let decoded = try Model(decoding: older.encoded())
    #expect(decoded.version == older.version && decoded.detectors.count == 2)
    DetectorTests.windows(30, seed: 3).forEach {
      #expect(decoded.score($0).joint == model.score($0).joint && decoded.score($0).alone < 1e-6)
    }
  }

  @Test("the same windows give the same model, other windows another version")
  func deterministic() {
    #expect(Self.job.run().encoded() == Self.model.encoded())
    let other = TrainingJob(
      point: Self.job.point, shape: Self.job.shape, windows: DetectorTests.windows(60, seed: 2), overlappingNeighbours: 1)
    #expect(other.run().version != Self.model.version)
  }

  @Test("a flipped bit or a missing end is refused")
  func damaged() {
    let bytes = Self.model.encoded()
    var random = SplitMix64(seed: 1)
    for _ in 0..<200 {
      var damaged = bytes
      damaged[random.index(below: bytes.count)] ^= 1 << UInt8(random.index(below: 8))
      #expect(throws: ModelError.self) { try Model(decoding: damaged) }
      #expect(throws: ModelError.self) { try Model(decoding: Array(bytes.prefix(random.index(below: bytes.count)))) }
    }
  }

  @Test("bytes with a right checksum and wrong content are refused or safe to score with")
  func hostile() {
    let body = Array(Self.model.encoded().dropLast(8))
    var random = SplitMix64(seed: 2)
    var refused = 0
    for _ in 0..<400 {
      var hostile = body
      for _ in 0..<1 + random.index(below: 4) { hostile[random.index(below: 400)] = UInt8(truncatingIfNeeded: random.next()) }
      if random.index(below: 2) == 0 { hostile.removeLast(random.index(below: hostile.count)) }
      let digest = hostile.withUnsafeBytes { Digest64.of($0) }
      do {
        let model = try Model(decoding: hostile + withUnsafeBytes(of: digest.littleEndian) { Array($0) })
        DetectorTests.windows(3, features: model.shape.featureNames.count & ~1).forEach { window in
          if window.count == model.shape.featureNames.count { _ = model.score(window) }
        }
      } catch { refused += 1 }
    }
    #expect(refused > 200)
  }

  @Test("probability rises with the score and is one half at the warning limit")
  func probability() {
    #expect(Score(joint: 1).probability == 0.5)
    #expect(Score(joint: 0).probability == 0)
    let rising = stride(from: 0.1, to: 10, by: 0.1).map { Score(joint: $0).probability }
    #expect(zip(rising, rising.dropFirst()).allSatisfy { $0 < $1 && $1 < 1 })
    #expect(Score(joint: 0.99).verdict == .normal)
    #expect(Score(joint: 1).verdict == .warning)
    #expect(Score(joint: Score.alarmLimit).verdict == .alarm)
  }

  @Test("with too few held-back windows the margin is wide and the model says so", arguments: [(24, true), (60, false)])
  func uncalibrated(windows: Int, isUncalibrated: Bool) {
    let learned = TrainingJob(
      point: Self.job.point, shape: Self.job.shape, windows: DetectorTests.windows(windows), overlappingNeighbours: 1
    ).run()
    let model = learned.regimes[0].model
    #expect(model.calibration.isUncalibrated == isUncalibrated)
    #expect(model.calibration.words.hasPrefix(isUncalibrated ? "uncalibrated: 9 windows" : "calibrated on 23 windows"))
  }
}
