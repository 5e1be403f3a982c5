import Glibc
import Signal

/// What some hours of windows say of each feature, against its spread over the baseline. Bounded: counts, no windows.
struct DriftLook: Sendable, Equatable {
  let features: Int
  /// [features][bins]
  private(set) var counts: [UInt32]
  /// Of the standardized features.
  private(set) var sums: [Float]
  private(set) var windows = 0
  private(set) var startedAt: UnixTime?

  /// Windows that tell a spread, and how long they must have taken: a morning is no drift.
  static let leastWindows = 240
  static let leastSeconds = 4 * 3600.0

  init(features: Int) {
    self.features = features
    counts = [UInt32](repeating: 0, count: features * FeatureDeciles.bins)
    sums = [Float](repeating: 0, count: features)
  }

  /// - Parameter window: standardized.
  mutating func take(_ window: UnsafeBufferPointer<Float>, _ deciles: FeatureDeciles, at time: UnixTime) {
    startedAt = startedAt ?? time
    windows += 1
    for feature in 0..<features {
      counts[feature * FeatureDeciles.bins + deciles.bin(of: window[feature], feature: feature)] += 1
      sums[feature] += window[feature]
    }
  }

  func isFull(at time: UnixTime) -> Bool {
    guard let startedAt else { return false }
    return windows >= Self.leastWindows && time.seconds(since: startedAt) >= Self.leastSeconds
  }

  /// Population stability index against the deciles: Σ (q - p) ln(q / p); below 0.1 nothing moved, from 0.25 on much did (N. Siddiqi,
  /// "Credit Risk Scorecards", 2006). Half a window is reckoned into each bin, so that an empty one is no infinity.
  func populationStability(_ feature: Int) -> Float {
    let expected = 1 / Float(FeatureDeciles.bins)
    return shares(feature).reduce(0) { $0 + ($1 - expected) * logf($1 / expected) }
  }

  /// Kolmogorov-Smirnov distance from the baseline at its deciles: the largest difference of the two distribution functions there.
  func distance(_ feature: Int) -> Float {
    var (sum, expected, largest) = (Float(0), Float(0), Float(0))
    for share in shares(feature) {
      sum += share
      expected += 1 / Float(FeatureDeciles.bins)
      largest = max(largest, abs(sum - expected))
    }
    return largest
  }

  /// Mean distance from the baseline's mean, in its deviations.
  func shift(_ feature: Int) -> Float { windows == 0 ? 0 : sums[feature] / Float(windows) }

  /// Spread and mean have moved so far that it matters.
  func hasMoved(_ feature: Int) -> Bool {
    abs(shift(feature)) >= 1 && distance(feature) >= 0.2 && populationStability(feature) >= 0.25
  }

  private func shares(_ feature: Int) -> [Float] {
    let own = counts[feature * FeatureDeciles.bins..<(feature + 1) * FeatureDeciles.bins]
    let total = Float(windows) + 0.5 * Float(FeatureDeciles.bins)
    return own.map { (Float($0) + 0.5) / total }
  }
}

extension DriftLook {
  func encode(into file: inout ModelWriter) {
    file.append(counts)
    file.append(sums)
    file.append(UInt32(windows))
    file.append(Double(startedAt?.nanoseconds ?? 0))
  }

  init(from file: inout ModelReader, features: Int) throws(ModelError) {
    self.init(features: features)
    counts = try file.counts(features * FeatureDeciles.bins, 0...1 << 30).map { UInt32($0) }
    sums = try file.floats(features)
    windows = try file.count(0...1 << 30)
    let nanoseconds = try file.double()
    guard nanoseconds.magnitude < 9e18 else { throw ModelError("a time that is none") }
    startedAt = nanoseconds == 0 ? nil : UnixTime(nanoseconds: Int64(nanoseconds))
  }
}
