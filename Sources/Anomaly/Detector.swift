/// What was learned from a point's healthy windows: how unlike them is this one? A new detector is a new file and a line in THE LIST.
/// (Severity zones are a rule, not learned, and judge blocks: `SeverityRule`.)
protocol Detector: Sendable {
  /// Names the detector's part of a model file.
  static var tag: UInt32 { get }

  /// - Parameters:
  ///   - windows: standardized feature vectors, [count][features], at least one.
  ///   - seed: the same windows and seed give the same detector.
  static func learn(_ windows: FeatureTable, seed: UInt64) -> Self

  /// Higher is stranger; of any scale above 0. Allocates nothing.
  /// - Parameter features: standardized.
  func score(_ features: UnsafeBufferPointer<Float>) -> Float

  /// Of several windows, [rows][features] into [rows]: to the bit as one by one. Allocates nothing.
  func scores(_ rows: UnsafeBufferPointer<Float>, into scores: UnsafeMutableBufferPointer<Float>)

  func encode(into file: inout ModelWriter)
  /// - Parameter features: how many there are in a window.
  init(from file: inout ModelReader, features: Int) throws(ModelError)
}

extension Detector {
  func scores(_ rows: UnsafeBufferPointer<Float>, into scores: UnsafeMutableBufferPointer<Float>) {
    let features = rows.count / max(1, scores.count)
    for row in scores.indices { scores[row] = score(.init(rebasing: rows[row * features..<(row + 1) * features])) }
  }

  /// Of all windows of a table, in its order.
  func scores(of table: FeatureTable) -> [Float] {
    Array(unsafeUninitializedCapacity: table.count) { scores, count in
      table.values.withUnsafeBufferPointer { self.scores($0, into: .init(rebasing: scores[..<table.count])) }
      count = table.count
    }
  }
}

/// THE LIST.
enum Detectors {
  static let all: [any Detector.Type] = [Autoencoder.self, IsolationForest.self, FeatureLimits.self]
  /// As people and programs read them.
  static let names = ["autoencoder", "isolation_forest", "feature_limits"]
  /// So many of them judge all features together: the mean of theirs is the joint score. The others may only object to `normal`, and
  /// have their say over weeks; models and watches of earlier formats are without them.
  static let joint = 2
}

/// Feature vectors, one after the other.
package struct FeatureTable: Sendable, Equatable {
  package private(set) var values: [Float] = []
  package let features: Int

  package init(features: Int) { self.features = features }

  package var count: Int { features == 0 ? 0 : values.count / features }

  subscript(row: Int) -> ArraySlice<Float> { values[row * features..<(row + 1) * features] }

  /// - Parameter vector: `features` values.
  package mutating func append(_ vector: some Sequence<Float>) {
    values.append(contentsOf: vector)
    precondition(values.count.isMultiple(of: max(1, features)))
  }

  func rows(_ range: some Sequence<Int>) -> FeatureTable {
    var part = FeatureTable(features: features)
    for row in range { part.append(self[row]) }
    return part
  }

  func forEach(_ body: (UnsafeBufferPointer<Float>) -> Void) {
    values.withUnsafeBufferPointer { all in
      for row in 0..<count { body(UnsafeBufferPointer(rebasing: all[row * features..<(row + 1) * features])) }
    }
  }
}
