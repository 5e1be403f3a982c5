import Signal

/// The healthy windows a point collects before it learns. All are of one shape: the first one's.
struct Baseline: Sendable {
  private let wanted: Int
  private var shape: ModelShape?
  private var windows: FeatureTable
  private var speeds: [Double] = []

  /// - Parameters:
  ///   - wanted: 0: nothing is to be learned.
  ///   - restored: in order; dropped where they are not of one length.
  init(wanted: Int, restored: [BaselineWindow] = []) {
    self.wanted = wanted
    windows = FeatureTable(features: restored.first?.features.count ?? 0)
    guard restored.allSatisfy({ $0.features.count == windows.features }) else { return }
    for window in restored {
      windows.append(window.features)
      speeds.append(window.speedRPM ?? .nan)
    }
  }

  var count: Int { windows.count }
  var isComplete: Bool { wanted > 0 && count >= wanted }

  /// - Parameter speedRPM: measured with the window.
  /// - Returns: the window to be stored; `nil` when enough are there or it is of another shape.
  mutating func take(
    _ features: UnsafeBufferPointer<Float>, speedRPM: Double?, of shape: ModelShape
  ) -> BaselineWindow? {
    guard count < wanted else { return nil }
    if windows.features != features.count { (windows, speeds) = (FeatureTable(features: features.count), []) }
    if self.shape == nil || windows.count == 0 { self.shape = shape }
    guard self.shape == shape else { return nil }
    windows.append(features)
    speeds.append(speedRPM ?? .nan)
    return BaselineWindow(index: count - 1, features: Array(features), speedRPM: speedRPM)
  }

  /// - Parameter shape: of the point's windows now; the baseline's own goes before.
  func job(point: PointID, shape now: ModelShape, overlappingNeighbours: Int) -> TrainingJob? {
    guard isComplete, windows.features == now.featureNames.count else { return nil }
    return TrainingJob(
      point: point, shape: shape ?? now, windows: windows, speeds: speeds, overlappingNeighbours: overlappingNeighbours)
  }
}
