import Signal
import Glibc

extension IsolationForest {
  private static let treeCount = 100
  private static let samplesPerTree = 256

  static func learn(_ windows: FeatureTable, seed: UInt64) -> IsolationForest {
    let sampleCount = min(samplesPerTree, windows.count)
    let depth = max(1, Int(log2(Double(max(2, sampleCount))).rounded(.up)))
    var grower = TreeGrower(windows: windows, depth: depth, random: SplitMix64(seed: seed))
    grower.reserve(trees: treeCount)
    for _ in 0..<treeCount { grower.grow(from: sampleCount) }
    let normalization = Float(max(averagePathLength(sampleCount), 1))
    return IsolationForest(depth: depth, normalization: normalization, splits: grower.splits, leaves: grower.leaves)
  }
}

/// Grows one padded tree after the other.
private struct TreeGrower {
  let windows: FeatureTable
  let depth: Int
  var random: SplitMix64
  var splits: [Kernels.Split] = []
  var leaves: [Float] = []

  /// Exactly what the trees need: an array that grows by doubling would keep a quarter more for as long as the model serves.
  mutating func reserve(trees: Int) {
    splits.reserveCapacity(trees * (1 << depth - 1))
    leaves.reserveCapacity(trees << depth)
  }

  mutating func grow(from sampleCount: Int) {
    splits.append(contentsOf: repeatElement(Kernels.split(threshold: 0, feature: 0), count: 1 << depth - 1))
    leaves.append(contentsOf: repeatElement(0, count: 1 << depth))
    var rows = Array(0..<windows.count)
    for i in 0..<sampleCount { rows.swapAt(i, i + random.index(below: rows.count - i)) }
    split(rows[..<sampleCount], node: 0, level: 0)
  }

  private mutating func split(_ rows: ArraySlice<Int>, node: Int, level: Int) {
    guard level < depth, rows.count > 1, let (feature, threshold) = chooseSplit(rows) else {
      return end(below: node, level: level, length: Float(Double(level) + IsolationForest.averagePathLength(rows.count)))
    }
    splits[splits.count - (1 << depth - 1) + node] = Kernels.split(threshold: threshold, feature: feature)
    let left = rows.filter { value($0, feature) <= threshold }
    let right = rows.filter { value($0, feature) > threshold }
    split(left[...], node: 2 * node + 1, level: level + 1)
    split(right[...], node: 2 * node + 2, level: level + 1)
  }

  /// All leaves that stand for a node above the last level get its path length.
  private mutating func end(below node: Int, level: Int, length: Float) {
    let width = 1 << (depth - level)
    let first = (node - (1 << level - 1)) * width
    for leaf in first..<first + width { leaves[leaves.count - 1 << depth + leaf] = length }
  }

  /// A feature on which the rows differ and a value between their extremes; `nil` when they are all alike.
  private mutating func chooseSplit(_ rows: ArraySlice<Int>) -> (Int, Float)? {
    var candidates = Array(0..<windows.features)
    while !candidates.isEmpty {
      let feature = candidates.remove(at: random.index(below: candidates.count))
      var (low, high) = (Float.infinity, -Float.infinity)
      for row in rows { (low, high) = (min(low, value(row, feature)), max(high, value(row, feature))) }
      guard low < high else { continue }
      let threshold = low + Float(random.uniform()) * (high - low)
      return (feature, threshold < high ? threshold : low)
    }
    return nil
  }

  private func value(_ row: Int, _ feature: Int) -> Float { windows.values[row * windows.features + feature] }
}
