import Anomaly
import ModelPackages
import Recordings
import Signal
import Terminal

/// A model's file of any kind, as the commands use it.
enum AnyModel {
  case learned(Model)
  case imported(ImportedModel)
  case package(ModelPackage)

  init(reading path: String) throws {
    let bytes = try FileBytes.read(path)
    if ModelPackage.isOne(bytes) {
      do throws(PackageError) { self = .package(try ModelPackage(bytes)) } catch {
        throw ModelFileError(path: path, reason: error.description)
      }
      return
    }
    do {
      self = ImportedModel.isOne(bytes) ? .imported(try ImportedModel(decoding: bytes)) : .learned(try Model(decoding: bytes))
    } catch { throw ModelFileError(path: path, reason: error.reason) }
  }

  var shape: ModelShape {
    switch self {
    case .learned(let model): model.shape
    case .imported(let model): model.shape
    case .package(let package): package.model.shape
    }
  }

  /// As a gateway would run it.
  var delivered: DeliveredModel {
    switch self {
    case .learned(let model): .learned(PointModel(model))
    case .imported(let model): .imported(model)
    case .package(let package): package.model
    }
  }

  var card: ModelCard {
    switch self {
    case .learned(let model): ModelCard(model)
    case .imported(let model): ModelCard(model)
    case .package(let package): ModelCard(package)
    }
  }

  /// What somebody who believes its scores must know.
  var caveat: String? {
    guard case .learned(let model) = self, model.calibration.isUncalibrated else { return nil }
    return model.calibration.words
  }

  /// What a gateway would say of every window, in order of time.
  /// - Parameter speedRPM: measured with them, where regimes ask for it.
  func forEachJudgement(
    in windows: WindowedFile, speedRPM: Double?, _ take: (_ start: Int, _ values: [Float], DeliveredModel.Judgement) -> Void
  ) throws {
    let model = delivered
    let inputs = try DeliveredInputs(model)
    try windows.forEachSamples { start, samples in
      let values = try inputs.values(samples)
      take(start, values, model.judge(values, speedRPM: speedRPM))
    }
  }

  typealias Taker = (_ start: Int, Score, [ModelScore.Part]) -> Void

  func forEachScore(in windows: WindowedFile, _ take: Taker) throws {
    switch self {
    case .learned(let model):
      guard windows.featureNames == model.shape.featureNames else {
        throw UsageError("score: the model was learned from other features than this Thrum measures; learn it anew")
      }
      windows.forEach { start, features in
        let parts = model.contributions(of: features).map { ModelScore.Part(feature: $0.feature, share: $0.share) }
        take(start, model.score(features), parts)
      }
    case .imported(let model):
      let inputs = try ImportedInputs(model.input, model.shape)
      try inputs.forEach(in: windows) { start, values in
        let parts = model.contributions(of: values).map { ModelScore.Part(feature: $0.feature, share: $0.share) }
        take(start, model.score(values), parts)
      }
    case .package(let package):
      try forEachJudgement(in: windows, speedRPM: nil) { start, values, judgement in
        guard let score = judgement.score else { return }
        let contributions = package.model.contributions(of: values, speedRPM: nil)
        take(start, score, contributions.map { ModelScore.Part(feature: $0.feature, share: $0.share) })
      }
    }
  }
}

struct ModelFileError: Error, CustomStringConvertible {
  let path, reason: String
  var description: String { "read model \(path.printable): \(reason)" }
}
