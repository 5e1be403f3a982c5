import Signal

/// A complete baseline, to be learned from away from the ingest loop. Takes a fraction of a second a regime; the same job gives the
/// same model.
package struct TrainingJob: Sendable {
  package let point: PointID
  let shape: ModelShape
  let windows: FeatureTable
  /// Measured with each window, revolutions per minute; NaN: not known.
  let speeds: [Double]
  /// Consecutive windows that share samples with any one, on each side.
  let overlappingNeighbours: Int

  package init(
    point: PointID, shape: ModelShape, windows: FeatureTable, speeds: [Double]? = nil, overlappingNeighbours: Int
  ) {
    (self.point, self.shape, self.windows, self.overlappingNeighbours) = (point, shape, windows, overlappingNeighbours)
    self.speeds = speeds ?? [Double](repeating: .nan, count: windows.count)
  }

  package func run() -> PointModel {
    let rows = running
    let regimes = Regimes.find(rows.map { speeds[$0] })
    return PointModel(
      regimes.map { regime in
        let table = windows.rows(regime.rows.map { rows[$0] })
        let clean = table.rows(Contamination.cleanRows(of: table))
        return PointModel.Regime(speedRPM: regime.speedRPM, model: learn(clean))
      })
  }

  /// One model of all windows, whatever their speeds.
  package func runAsOne() -> Model {
    let table = windows.rows(running)
    return learn(table.rows(Contamination.cleanRows(of: table)))
  }

  private func learn(_ windows: FeatureTable) -> Model {
    let (learned, heldBack) = split(windows)
    let standardizer = Standardizer(learned, names: shape.featureNames)
    let table = standardizer.standardize(learned)
    let seed = Digest64.of(point.description)
    let detectors: [any Detector] = Detectors.all.map { $0.learn(table, seed: seed) }
    let calibration = Calibration(detectors, heldBack: standardizer.standardize(heldBack))
    let deciles = FeatureDeciles(standardizer.standardize(windows))
    return Model(
      shape: shape, standardizer: standardizer, detectors: detectors, calibration: calibration, deciles: deciles)
  }

  /// The last two fifths are held back: in one piece, and without those that share samples with a learned one, for a window judged
  /// by its own neighbours would look healthier than it is.
  private func split(_ windows: FeatureTable) -> (learned: FeatureTable, heldBack: FeatureTable) {
    let learned = max(min(2, windows.count), windows.count * 3 / 5)
    let heldBack = min(windows.count, learned + overlappingNeighbours)
    return (windows.rows(0..<learned), windows.rows(heldBack..<windows.count))
  }

  /// Without the windows of a machine that stood still: their level lies below a fifth of nine tenths' highest. A machine may
  /// stand for most of the time that it is learned from, and nobody may have said how to tell.
  private var running: [Int] {
    guard let rms = shape.featureNames.firstIndex(of: "rms"), windows.count > 0 else { return Array(0..<windows.count) }
    let levels = (0..<windows.count).map { windows[$0][windows[$0].startIndex + rms] }
    let limit = levels.sorted()[levels.count * 9 / 10] * Float(OperatingStateRule.stoppedPart)
    return levels.indices.filter { levels[$0] >= limit }
  }
}
