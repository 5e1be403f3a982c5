/// How each feature was spread over the baseline: its nine deciles, standardized. What comes later is counted between them.
package struct FeatureDeciles: Sendable, Equatable {
  static let bins = 10
  /// [features][bins - 1], ascending for each.
  let edges: [Float]
  let features: Int

  /// - Parameter windows: standardized, at least one.
  init(_ windows: FeatureTable) {
    features = windows.features
    edges = (0..<windows.features).flatMap { feature in
      let values = (0..<windows.count).map { windows.values[$0 * windows.features + feature] }.sorted()
      return (1..<Self.bins).map { values[min(values.count - 1, values.count * $0 / Self.bins)] }
    }
  }

  init(edges: [Float], features: Int) { (self.edges, self.features) = (edges, features) }

  func bin(of value: Float, feature: Int) -> Int {
    let first = feature * (Self.bins - 1)
    var bin = 0
    while bin < Self.bins - 1, value > edges[first + bin] { bin += 1 }
    return bin
  }
}

extension FeatureDeciles {
  func encode(into file: inout ModelWriter) { file.append(edges) }

  init(from file: inout ModelReader, features: Int) throws(ModelError) {
    self.init(edges: try file.floats(features * (Self.bins - 1)), features: features)
  }
}
