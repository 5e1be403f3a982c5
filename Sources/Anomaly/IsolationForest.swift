import Glibc

/// Isolation forest: strange windows are cut off from the rest by few random splits.
/// (F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008; details as scikit-learn has them.)
/// Trees are padded to one depth so that the kernel needs no branches.
struct IsolationForest: Detector {
  static let tag: UInt32 = 0x5453_5246  // "FRST"

  let depth: Int
  /// Average path length of the samples a tree was grown from.
  let normalization: Float
  private(set) var splits: [Kernels.Split]
  private(set) var leaves: [Float]
  var trees: Int { leaves.count >> depth }

  /// 2^(-E(h)/c), 0 to 1; about 0.5 for ordinary windows.
  func score(_ features: UnsafeBufferPointer<Float>) -> Float {
    guard let base = features.baseAddress else { return 0 }
    return exp2f(
      -Kernels.pathSum(base, splits: splits, leaves: leaves, trees: trees, depth: depth) / Float(trees) / normalization)
  }

  /// c(n): average path length of an unsuccessful search among n samples (eq. 1 there).
  static func averagePathLength(_ count: Int) -> Double {
    if count <= 1 { return 0 }
    if count == 2 { return 1 }
    let n = Double(count)
    return 2 * (log(n - 1) + 0.577_215_664_901_532_9) - 2 * (n - 1) / n
  }

  init(depth: Int, normalization: Float, splits: [Kernels.Split], leaves: [Float]) {
    (self.depth, self.normalization, self.splits, self.leaves) = (depth, normalization, splits, leaves)
  }
}

extension IsolationForest {
  private static let mostTrees = 1000
  private static let deepest = 8

  func encode(into file: inout ModelWriter) {
    file.append(UInt32(trees))
    file.append(UInt32(depth))
    file.append(normalization)
    file.append(splits.map { Kernels.parts(of: $0).threshold })
    file.append(splits.map { UInt32(Kernels.parts(of: $0).feature) })
    file.append(leaves)
  }

  init(from file: inout ModelReader, features: Int) throws(ModelError) {
    let trees = try file.count(1...Self.mostTrees)
    depth = try file.count(1...Self.deepest)
    normalization = try file.positive()
    let thresholds = try file.floats(trees * (1 << depth - 1))
    let indices = try file.counts(trees * (1 << depth - 1), 0...features - 1)
    splits = zip(thresholds, indices).map { Kernels.split(threshold: $0, feature: $1) }
    leaves = try file.floats(trees << depth)
  }
}
