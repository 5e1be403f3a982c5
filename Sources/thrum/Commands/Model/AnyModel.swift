import Anomaly
import Recordings
import Signal
import Terminal

/// A model's file of any kind, as the commands use it.
enum AnyModel {
  case learned(Model)
  case imported(ImportedModel)

  init(reading path: String) throws {
    let bytes = try FileBytes.read(path)
    do {
      self = ImportedModel.isOne(bytes) ? .imported(try ImportedModel(decoding: bytes)) : .learned(try Model(decoding: bytes))
    } catch { throw ModelFileError(path: path, reason: error.reason) }
  }

  var shape: ModelShape {
    switch self {
    case .learned(let model): model.shape
    case .imported(let model): model.shape
    }
  }

  var card: ModelCard {
    switch self {
    case .learned(let model): ModelCard(model)
    case .imported(let model): ModelCard(model)
    }
  }

  /// What somebody who believes its scores must know.
  var caveat: String? {
    guard case .learned(let model) = self, model.calibration.isUncalibrated else { return nil }
    return model.calibration.words
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
    }
  }
}

struct ModelFileError: Error, CustomStringConvertible {
  let path, reason: String
  var description: String { "read model \(path.printable): \(reason)" }
}
