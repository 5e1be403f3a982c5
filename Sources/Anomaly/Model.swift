import Glibc
import Signal

/// What a point has learned. Immutable; refuses windows of another shape than it was learned from.
package struct Model: Sendable {
  /// Names the content: two models of one version score alike.
  package let version: String
  package let shape: ModelShape
  let standardizer: Standardizer
  /// In the order of THE LIST.
  let detectors: [any Detector]
  package let calibration: Calibration
  /// How the baseline's features were spread; `nil` in a model of an older Thrum: its drift is not watched.
  let deciles: FeatureDeciles?

  init(
    shape: ModelShape, standardizer: Standardizer, detectors: [any Detector], calibration: Calibration,
    deciles: FeatureDeciles? = nil
  ) {
    (self.shape, self.standardizer, self.detectors, self.calibration) = (shape, standardizer, detectors, calibration)
    self.deciles = deciles
    let body = Self.body(shape, standardizer, detectors, calibration, deciles)
    let digest = body.bytes.withUnsafeBytes { Digest64.of($0) }
    version = "local-" + String(digest | 1 << 63, radix: 16)
  }

  /// Of one window. Allocates nothing.
  /// - Parameter features: as many as `shape` names, as the analyser wrote them.
  package func score(_ features: UnsafeBufferPointer<Float>) -> Score {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: features.count) { standardized in
      standardizer.standardize(features, into: standardized)
      return calibration.score(UnsafeBufferPointer(standardized), by: detectors)
    }
  }
}

/// How strange a window is.
package struct Score: Sendable, Equatable {
  /// 1 is the warning limit of the calibrated margin.
  package let joint: Double
  /// Each detector's score over its reference, in the order of THE LIST, at most four of them; the rest is 0.
  package let ratios: SIMD4<Float>

  /// Of the detector that finds it strangest, over that detector's own limit; 0 where none has one.
  package let alone: Double

  package init(joint: Double, ratios: SIMD4<Float> = .zero, alone: Double = 0) {
    (self.joint, self.ratios, self.alone) = (joint, ratios, alone)
  }

  /// One detector finds far beyond everything healthy what all together take for normal.
  package func isDisputed(limit: Double) -> Bool { joint < limit && alone >= limit }

  /// Of the window being an anomaly: ½ at the limit, 0.94 at twice and 0.06 at half of it. A logistic curve over ln(score).
  package var probability: Double { probability(limit: 1) }

  /// - Parameter limit: of a warning.
  package func probability(limit: Double) -> Double { joint <= 0 ? 0 : 1 / (1 + pow(joint / limit, -4)) }

  package var verdict: Verdict { verdict(limit: 1) }

  /// - Parameter limit: of a warning, below `alarmLimit`: what the machine showed beyond its baseline while healthy, and labels, move it.
  package func verdict(limit: Double) -> Verdict { joint >= Self.alarmLimit ? .alarm : joint >= limit ? .warning : .normal }

  /// Far beyond everything the healthy machine has shown.
  package static let alarmLimit = 3.0
}

/// What the windows were that a model was learned from.
package struct ModelShape: Sendable, Equatable {
  package var windowSamples: Int
  package var sampleRateHz: Double
  package var unit: SignalUnit
  package var featureNames: [String]

  package init(windowSamples: Int, sampleRateHz: Double, unit: SignalUnit, featureNames: [String]) {
    (self.windowSamples, self.sampleRateHz, self.unit, self.featureNames) = (windowSamples, sampleRateHz, unit, featureNames)
  }
}

extension Model {
  private static let magic: UInt32 = 0x4D52_4854  // "THRM"
  /// 1: without deciles; up to 2: without limits of single features.
  private static let format: UInt32 = 3

  package func encoded() -> [UInt8] { Self.body(shape, standardizer, detectors, calibration, deciles).sealed() }

  /// - Throws: `ModelError` for everything that `encoded()` does not write.
  package init(decoding bytes: [UInt8]) throws(ModelError) {
    var file = try ModelReader(bytes)
    guard try file.word() == Self.magic else { throw ModelError("no model of Thrum") }
    let format = try file.word()
    guard (1...Self.format).contains(format) else { throw ModelError("format \(format); this Thrum reads 1 to \(Self.format)") }
    let shape = try ModelShape(from: &file)
    let standardizer = try Standardizer(from: &file, features: shape.featureNames.count)
    var detectors: [any Detector] = []
    for type in Detectors.all.prefix(format < 3 ? Detectors.joint : Detectors.all.count) {
      guard try file.word() == type.tag else { throw ModelError("another list of detectors") }
      detectors.append(try type.init(from: &file, features: shape.featureNames.count))
    }
    let calibration = try Calibration(from: &file, detectors: detectors.count)
    let deciles = format == 1 ? nil : try FeatureDeciles(from: &file, features: shape.featureNames.count)
    try file.end()
    self.init(shape: shape, standardizer: standardizer, detectors: detectors, calibration: calibration, deciles: deciles)
  }

  private static func body(
    _ shape: ModelShape, _ standardizer: Standardizer, _ detectors: [any Detector], _ calibration: Calibration,
    _ deciles: FeatureDeciles?
  ) -> ModelWriter {
    var file = ModelWriter()
    file.append(magic)
    file.append(deciles == nil ? 1 : detectors.count < Detectors.all.count ? 2 : format)
    shape.encode(into: &file)
    file.append(standardizer.mean)
    file.append(standardizer.deviation)
    for detector in detectors {
      file.append(type(of: detector).tag)
      detector.encode(into: &file)
    }
    calibration.encode(into: &file)
    deciles?.encode(into: &file)
    return file
  }
}

extension ModelShape {
  func encode(into file: inout ModelWriter) {
    file.append(UInt32(windowSamples))
    file.append(sampleRateHz)
    file.append(unit.rawValue)
    file.append(UInt32(featureNames.count))
    for name in featureNames { file.append(name) }
  }

  /// - Parameter features: how many there may be.
  init(from file: inout ModelReader, features: ClosedRange<Int> = 1...1024) throws(ModelError) {
    windowSamples = try file.count(1...1 << 24)
    sampleRateHz = try file.positiveDouble()
    guard let unit = SignalUnit(rawValue: try file.text(upTo: 16)) else { throw ModelError("an unknown unit") }
    self.unit = unit
    featureNames = []
    for _ in 0..<(try file.count(features)) { featureNames.append(try file.text(upTo: 64)) }
  }
}

extension Standardizer {
  fileprivate init(from file: inout ModelReader, features: Int) throws(ModelError) {
    let mean = try file.floats(features)
    let deviation = try file.floats(features)
    guard deviation.allSatisfy({ $0 > 0 }) else { throw ModelError("a deviation that is not above 0") }
    self.init(mean: mean, deviation: deviation)
  }
}
