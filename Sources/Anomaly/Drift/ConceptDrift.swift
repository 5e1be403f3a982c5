import Signal

/// Whether alarms of one strength still mean what they meant: the share of faults among those that people named, in the older and in the
/// newer half of the cases, by band of score.
package struct ConceptDrift: Sendable, Equatable {
  /// Scores, where 1 is the margin's limit: below it rules or the budget decided.
  package let scores: Range<Double>
  /// Parts of the named alarms that were faults, 0 to 1.
  package let faultsBefore, faultsLately: Double

  package static let bands: [Range<Double>] = [0..<1, 1..<1.5, 1.5..<3, 3.0..<Double.infinity]
  /// Cases of a half, below which it says nothing.
  private static let leastCases = 8
  /// A smaller difference matters to nobody.
  private static let leastDifference = 0.3

  /// The bands whose share changed by more than twice its standard error, as of two proportions, and by three tenths or more.
  package static func find(_ cases: [(score: Double, isFault: Bool, at: UnixTime)]) -> [ConceptDrift] {
    bands.compactMap { band in
      let own = cases.filter { band.contains($0.score) }.sorted { $0.at < $1.at }
      let (older, newer) = (own.prefix(own.count / 2), own.suffix(own.count - own.count / 2))
      guard older.count >= leastCases else { return nil }
      let (before, lately) = (share(older), share(newer))
      let all = share(own[...])
      let variance = all * (1 - all) * (1 / Double(older.count) + 1 / Double(newer.count))
      let difference = abs(before - lately)
      guard difference >= leastDifference, difference > 2 * variance.squareRoot() else { return nil }
      return ConceptDrift(scores: band, faultsBefore: before, faultsLately: lately)
    }
  }

  private static func share(_ cases: ArraySlice<(score: Double, isFault: Bool, at: UnixTime)>) -> Double {
    Double(cases.count { $0.isFault }) / Double(max(1, cases.count))
  }
}
