/// Each feature by itself: how far is the one that strays farthest from its healthy median, in median deviations? A sum over all features,
/// as the other detectors are, hides one that has left everything it ever was among many that have not.
/// (F. R. Hampel, J. Am. Stat. Assoc. 69, 1974; 1.4826 makes a median deviation a standard deviation's size where values are normal.)
struct FeatureLimits: Detector {
  static let tag: UInt32 = 0x534D_494C  // "LIMS"

  /// Per feature, of standardized values.
  let median: [Float]
  /// Above 0.
  let deviation: [Float]

  private static let normalScale: Float = 1.4826
  /// A standardized feature's own deviation is 1: its middle half may by chance be steadier than that, its tails are not.
  private static let leastDeviation: Float = 0.5

  static func learn(_ windows: FeatureTable, seed _: UInt64) -> FeatureLimits {
    let columns = (0..<windows.features).map { feature in
      (0..<windows.count).map { windows.values[$0 * windows.features + feature] }
    }
    let medians = columns.map(middle)
    let deviations = zip(columns, medians).map { values, median in
      max(normalScale * middle(values.map { abs($0 - median) }), leastDeviation)
    }
    return FeatureLimits(median: medians, deviation: deviations)
  }

  func score(_ features: UnsafeBufferPointer<Float>) -> Float {
    var largest: Float = 0
    for index in median.indices { largest = max(largest, abs((features[index] - median[index]) / deviation[index])) }
    return largest
  }

  /// The feature that strays farthest, and how far, with its sign.
  func farthest(_ features: UnsafeBufferPointer<Float>) -> (feature: Int, deviations: Float)? {
    let distances = median.indices.map { (features[$0] - median[$0]) / deviation[$0] }
    return distances.indices.max { abs(distances[$0]) < abs(distances[$1]) }.map { ($0, distances[$0]) }
  }

  private static func middle(_ values: [Float]) -> Float { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
}

extension FeatureLimits {
  func encode(into file: inout ModelWriter) {
    file.append(median)
    file.append(deviation)
  }

  init(from file: inout ModelReader, features: Int) throws(ModelError) {
    median = try file.floats(features)
    deviation = try file.floats(features)
    guard deviation.allSatisfy({ $0 > 0 }) else { throw ModelError("a deviation that is not above 0") }
  }
}
