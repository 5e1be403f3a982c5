/// Brings features to the baseline's own measure: distance from its mean in its standard deviations, at most `limit`.
struct Standardizer: Sendable, Equatable {
  let mean, deviation: [Float]

  /// Beyond this a feature is only "far away": one wild feature must not hide the others.
  static let limit: Float = 12

  init(mean: [Float], deviation: [Float]) {
    self.mean = mean
    self.deviation = deviation
  }

  /// - Parameters:
  ///   - windows: at least two.
  ///   - names: of the features; logarithms are told by their names.
  init(_ windows: FeatureTable, names: [String]) {
    var sums = [Double](repeating: 0, count: windows.features)
    var squares = sums
    windows.forEach { for (i, value) in $0.enumerated() { sums[i] += Double(value) } }
    let means = sums.map { $0 / Double(windows.count) }
    windows.forEach {
      for (i, value) in $0.enumerated() { squares[i] += (Double(value) - means[i]) * (Double(value) - means[i]) }
    }
    let deviations = squares.map { ($0 / Double(max(1, windows.count - 1))).squareRoot() }
    mean = means.map { Float($0) }
    deviation = deviations.indices.map { Float(max(deviations[$0], Self.floor(names[$0], mean: means[$0]))) }
  }

  /// A baseline may by chance, or by its shortness, be steadier than the machine is: differences below these mean nothing.
  private static func floor(_ name: String, mean: Double) -> Double {
    if name.hasPrefix("band_") || name.hasPrefix("envelope_") { return 0.1 }
    if name == "skewness" { return 0.05 }
    return max(0.03 * abs(mean), 1e-9)
  }

  func standardize(_ features: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>) {
    for i in mean.indices {
      let deviations = (features[i] - mean[i]) / deviation[i]
      result[i] = deviations.isNaN ? Self.limit : min(max(deviations, -Self.limit), Self.limit)
    }
  }

  func standardize(_ windows: FeatureTable) -> FeatureTable {
    var result = FeatureTable(features: windows.features)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: windows.features) { row in
      windows.forEach {
        standardize($0, into: row)
        result.append(row)
      }
    }
    return result
  }
}
