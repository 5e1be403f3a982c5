import Signal

/// What a point has learned: a model for each regime that its machine runs in.
package struct PointModel: Sendable {
  /// Names the content: two of one version judge alike.
  package let version: String
  /// At least one.
  let regimes: [Regime]

  struct Regime: Sendable {
    /// Measured speeds that it was learned at, revolutions per minute; `nil`: no speed came with the windows.
    var speedRPM: ClosedRange<Double>?
    var model: Model
  }

  /// What is to judge a window.
  enum Choice {
    case model(Model)
    /// The machine runs at a speed that nothing was learned at.
    case unknownRegime
    /// There are several regimes, and no speed came that tells which.
    case speedMissing
  }

  /// - Parameter regimes: at least one, at most `Regimes.most`.
  init(_ regimes: [Regime]) {
    self.regimes = regimes
    let digest = Digest64.of(regimes.map(\.model.version).joined(separator: " "))
    version = regimes.count == 1 ? regimes[0].model.version : "local-" + String(digest | 1 << 63, radix: 16)
  }

  package init(_ model: Model) { self.init([Regime(speedRPM: nil, model: model)]) }

  package var shape: ModelShape { regimes[0].model.shape }

  /// Of one regime at least.
  package var isUncalibrated: Bool { regimes.contains { $0.model.calibration.isUncalibrated } }

  /// - Parameter speedRPM: as measured with the window.
  func choice(speedRPM: Double?) -> Choice {
    guard let speedRPM, speedRPM.isFinite else { return regimes.count == 1 ? .model(regimes[0].model) : .speedMissing }
    return regime(speedRPM: speedRPM).map { .model(regimes[$0].model) } ?? .unknownRegime
  }

  /// The index of the regime whose model judges a window; `nil`: none does.
  func regime(speedRPM: Double?) -> Int? {
    guard let speedRPM, speedRPM.isFinite else { return regimes.count == 1 ? 0 : nil }
    return regimes.firstIndex { $0.speedRPM.map { Regimes.widened($0).contains(abs(speedRPM)) } ?? true }
  }
}

// MARK: - The flat form

extension PointModel {
  private static let magic: UInt32 = 0x5052_4854  // "THRP"

  /// A single model that knows no speed is written as such.
  package func encoded() -> [UInt8] {
    if regimes.count == 1, regimes[0].speedRPM == nil { return regimes[0].model.encoded() }
    var file = ModelWriter()
    file.append(Self.magic)
    file.append(UInt32(regimes.count))
    for regime in regimes {
      let bytes = regime.model.encoded()
      file.append(regime.speedRPM?.lowerBound ?? 0)
      file.append(regime.speedRPM?.upperBound ?? 0)
      file.append(UInt32(bytes.count))
      file.append(bytes: bytes)
    }
    return file.sealed()
  }

  /// - Throws: `ModelError` for everything that `encoded()` does not write.
  package init(decoding bytes: [UInt8]) throws(ModelError) {
    var file = try ModelReader(bytes)
    guard try file.word() == Self.magic else {
      self.init(try Model(decoding: bytes))
      return
    }
    var regimes: [Regime] = []
    for _ in 0..<(try file.count(1...Regimes.most)) {
      let (from, to) = (try file.double(), try file.double())
      guard from.isFinite, to.isFinite, 0 <= from, from <= to else { throw ModelError("speeds that do not rise") }
      let body = try file.bytes(try file.count(8...1 << 24))
      regimes.append(Regime(speedRPM: to == 0 ? nil : from...to, model: try Model(decoding: body)))
    }
    try file.end()
    guard regimes.allSatisfy({ $0.model.shape == regimes[0].model.shape }) else { throw ModelError("regimes of several shapes") }
    self.init(regimes)
  }
}
