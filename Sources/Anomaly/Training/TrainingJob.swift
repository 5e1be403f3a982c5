import Signal

/// A complete baseline, to be learned from away from the ingest loop. Takes a fraction of a second; the same job gives the same model.
package struct TrainingJob: Sendable {
  package let point: PointID
  let shape: ModelShape
  let windows: FeatureTable
  /// Consecutive windows that share samples with any one, on each side.
  let overlappingNeighbours: Int

  package init(point: PointID, shape: ModelShape, windows: FeatureTable, overlappingNeighbours: Int) {
    (self.point, self.shape, self.windows) = (point, shape, windows)
    self.overlappingNeighbours = overlappingNeighbours
  }

  package func run() -> Model {
    let (learned, heldBack) = split
    let standardizer = Standardizer(learned, names: shape.featureNames)
    let table = standardizer.standardize(learned)
    let seed = Digest64.of(point.description)
    let detectors: [any Detector] = Detectors.all.map { $0.learn(table, seed: seed) }
    let calibration = Calibration(detectors, heldBack: standardizer.standardize(heldBack))
    return Model(shape: shape, standardizer: standardizer, detectors: detectors, calibration: calibration)
  }

  /// The last two fifths are held back: in one piece, and without those that share samples with a learned one, for a window judged
  /// by its own neighbours would look healthier than it is.
  private var split: (learned: FeatureTable, heldBack: FeatureTable) {
    let windows = running
    let learned = max(min(2, windows.count), windows.count * 3 / 5)
    let heldBack = min(windows.count, learned + overlappingNeighbours)
    return (windows.rows(0..<learned), windows.rows(heldBack..<windows.count))
  }

  /// Without the windows of a machine that stood still: their level lies below a fifth of nine tenths' highest. A machine may
  /// stand for most of the time that it is learned from, and nobody may have said how to tell.
  private var running: FeatureTable {
    guard let rms = shape.featureNames.firstIndex(of: "rms") else { return windows }
    let levels = (0..<windows.count).map { windows[$0][windows[$0].startIndex + rms] }
    let limit = levels.sorted()[levels.count * 9 / 10] * Float(OperatingStateRule.stoppedPart)
    var running = FeatureTable(features: windows.features)
    for (row, level) in levels.enumerated() where level >= limit { running.append(windows[row]) }
    return running
  }
}
