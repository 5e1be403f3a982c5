import Signal
import Testing

@testable import Anomaly

@Suite("Committed source sequences")
struct SequenceRangesTests {
  @Test("ranges say what a set says", arguments: 1...20)
  func twin(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var ranges = SequenceRanges()
    var set: Set<UInt64> = []
    for _ in 0..<400 {
      let sequence = random.next() % 500
      let missingBefore = Self.missing(set)
      let change = ranges.insert(sequence)
      #expect((change == nil) == !set.insert(sequence).inserted)
      #expect(change ?? 0 == Self.missing(set) - missingBefore)
      #expect(Int64(ranges.missing) == Self.missing(set))
    }
    #expect((0..<500).allSatisfy { ranges.contains($0) == set.contains($0) })
    #expect(ranges.highest == set.max())
    #expect(zip(ranges.ranges, ranges.ranges.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound })
  }

  @Test("beyond the capacity the lowest holes are forgotten, the newest stay")
  func capacity() {
    var ranges = SequenceRanges()
    for number in 0..<1000 { ranges.insert(UInt64(number * 2)) }
    #expect(ranges.ranges.count == SequenceRanges.capacity)
    #expect(ranges.contains(1))
    #expect(!ranges.contains(1997))
    #expect(ranges.ranges.first?.lowerBound == 0)
  }

  @Test("the ends of the number line do not overflow")
  func ends() {
    var ranges = SequenceRanges()
    #expect(ranges.insert(.max) == 0)
    #expect(ranges.insert(0) == .max)
    #expect(ranges.insert(.max) == nil)
    #expect(ranges.insert(.max - 1) == -1)
    #expect(ranges.missing == UInt64.max - 2)
  }

  private static func missing(_ set: Set<UInt64>) -> Int64 {
    guard let low = set.min(), let high = set.max() else { return 0 }
    return Int64(high - low + 1) - Int64(set.count)
  }
}
