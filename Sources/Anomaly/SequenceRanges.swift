/// The source sequences of one point that are committed, as disjoint closed ranges in rising order.
/// At most `capacity` ranges are kept: beyond it the two lowest merge, and what lay between them counts as seen.
package struct SequenceRanges: Sendable, Equatable {
  package private(set) var ranges: [ClosedRange<UInt64>] = []
  package static let capacity = 256

  package init(_ ranges: [ClosedRange<UInt64>] = []) { self.ranges = ranges }

  package func contains(_ sequence: UInt64) -> Bool {
    guard let index = lastIndex(startingAtOrBelow: sequence) else { return false }
    return ranges[index].contains(sequence)
  }

  package var highest: UInt64? { ranges.last?.upperBound }

  /// Sequences inside the covered span that never came.
  package var missing: UInt64 {
    zip(ranges, ranges.dropFirst()).reduce(0) { $0 + ($1.1.lowerBound - $1.0.upperBound - 1) }
  }

  /// - Returns: by how much `missing` changed (before any merge for want of room); `nil` when the sequence was there already.
  @discardableResult
  package mutating func insert(_ sequence: UInt64) -> Int64? {
    let below = lastIndex(startingAtOrBelow: sequence)
    if let below, ranges[below].contains(sequence) { return nil }
    let change = missingChange(inserting: sequence)
    let joinsBelow = below.map { ranges[$0].upperBound &+ 1 == sequence } ?? false
    let above = below.map { $0 + 1 } ?? 0
    let joinsAbove = above < ranges.count && sequence &+ 1 == ranges[above].lowerBound
    switch (below, joinsBelow, joinsAbove) {
    case (let below?, true, true):
      ranges[below] = ranges[below].lowerBound...ranges[above].upperBound
      ranges.remove(at: above)
    case (let below?, true, false): ranges[below] = ranges[below].lowerBound...sequence
    case (_, _, true): ranges[above] = sequence...ranges[above].upperBound
    default: ranges.insert(sequence...sequence, at: above)
    }
    if ranges.count > Self.capacity { mergeLowest() }
    return change
  }

  private func missingChange(inserting sequence: UInt64) -> Int64 {
    guard let first = ranges.first?.lowerBound, let last = ranges.last?.upperBound else { return 0 }
    if sequence > last { return Int64(clamping: sequence - last - 1) }
    return sequence < first ? Int64(clamping: first - sequence - 1) : -1
  }

  private mutating func mergeLowest() {
    ranges[0] = ranges[0].lowerBound...ranges[1].upperBound
    ranges.remove(at: 1)
  }

  private func lastIndex(startingAtOrBelow sequence: UInt64) -> Int? {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= sequence { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }
}
