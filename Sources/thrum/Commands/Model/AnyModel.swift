import Anomaly
import Recordings
import Signal
import Terminal

/// A model's file of any kind, as the commands use it.
enum AnyModel {
  case learned(Model)

  init(reading path: String) throws {
    let bytes = try FileBytes.read(path)
    do { self = .learned(try Model(decoding: bytes)) } catch { throw ModelFileError(path: path, reason: error.reason) }
  }

  var shape: ModelShape {
    switch self {
    case .learned(let model): model.shape
    }
  }

  var card: ModelCard {
    switch self {
    case .learned(let model): ModelCard(model)
    }
  }

  /// What somebody who believes its scores must know.
  var caveat: String? {
    switch self {
    case .learned(let model): model.calibration.isUncalibrated ? model.calibration.words : nil
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
    }
  }
}

struct ModelFileError: Error, CustomStringConvertible {
  let path, reason: String
  var description: String { "read model \(path.printable): \(reason)" }
}
